package phrase

import "strconv"

// The sentences of the chats, where people have buttons and dialogs.
const (
	Reading   Key = "reading"   // while an answer is made
	Continued Key = "continued" // the answer did not fit into one message
	NoCause   Key = "no_cause"  // a failure does not say what happened

	// Buttons, and what each of them does, for those who cannot see it.
	SourcesButton Key = "sources_button"
	SourcesLabel  Key = "sources_label"
	ShareButton   Key = "share_button"
	ShareLabel    Key = "share_label"
	RetryButton   Key = "retry_button"
	RetryLabel    Key = "retry_label"
	GoodButton    Key = "good_button"
	GoodLabel     Key = "good_label"
	BadButton     Key = "bad_button"
	BadLabel      Key = "bad_label"
	SendButton    Key = "send_button"
	CloseButton   Key = "close_button"
	CancelButton  Key = "cancel_button"

	// The buttons that turn the pages of what did not fit into one.
	PreviousButton Key = "previous_button"
	NextButton     Key = "next_button"

	// The dialog with the cited paragraphs.
	SourcesTitle   Key = "sources_title"
	ChangedSince   Key = "changed_since"
	ParagraphGone  Key = "paragraph_gone" // or it is not for the person who asks
	Shortened      Key = "shortened"
	NoRoom         Key = "no_room"
	SourcesLeftOut Key = "sources_left_out"

	// The dialog about a bad answer.
	FeedbackTitle   Key = "feedback_title"
	ReasonParagraph Key = "reason_paragraph"
	ReasonMisread   Key = "reason_misread"
	ReasonMissing   Key = "reason_missing"
	ReasonOther     Key = "reason_other"
	OwnWords        Key = "own_words"

	// The help.
	HelpIntro     Key = "help_intro"
	HelpAsk       Key = "help_ask"
	HelpSources   Key = "help_sources"
	HelpShow      Key = "help_show"
	HelpHelp      Key = "help_help"
	HelpQuestion  Key = "help_question" // stands for what people type
	HelpElsewhere Key = "help_elsewhere"
	Examples      Key = "examples" // stands before questions that can be asked

	Documents   Key = "documents"
	NoDocuments Key = "no_documents"

	// What cannot be done.
	AnswerGone   Key = "answer_gone"
	NotForYou    Key = "not_for_you"
	NotShareable Key = "not_shareable"
	Untold       Key = "untold" // nobody knows whether the answer arrived

	// What the documents have to say about a sentence.
	Supported      Key = "supported"
	Contradicted   Key = "contradicted"
	NotFound       Key = "not_found"
	Unchecked      Key = "unchecked"
	IsQuestion     Key = "is_question" // why it was not checked, as the next ones
	IsHeading      Key = "is_heading"
	IsGreeting     Key = "is_greeting"
	StatesNothing  Key = "states_nothing"
	NothingToCheck Key = "nothing_to_check"

	checkTooLong  Key = "check_too_long"
	page          Key = "page"
	searchedFor   Key = "searched_for"
	paragraphs    Key = "paragraphs"
	noParagraph   Key = "no_paragraph"
	onlySupposed  Key = "only_supposed"
	notTheirWords Key = "not_their_words"
	theyDeny      Key = "they_deny"
	theyDoNotDeny Key = "they_do_not_deny"
	otherDoer     Key = "other_doer"
	otherTeller   Key = "other_teller"
	notTold       Key = "not_told"
	toldOtherwise Key = "told_otherwise"
)

// CheckTooLong says that a text is longer than limit, in MiB, the most that is
// checked at once.
func (c Catalogue) CheckTooLong(limit int) string { return c.say(checkTooLong, strconv.Itoa(limit)) }

// Page says which page of how many this is.
func (c Catalogue) Page(number, count int) string {
	return c.say(page, strconv.Itoa(number), strconv.Itoa(count))
}

// SearchedFor tells how a question was searched, if not as it was asked.
func (c Catalogue) SearchedFor(question string) string { return c.say(searchedFor, question) }

// Paragraphs counts a document's paragraphs.
func (c Catalogue) Paragraphs(n int) string { return c.say(paragraphs, strconv.Itoa(n)) }

// NoParagraph says that nothing stands at an address.
func (c Catalogue) NoParagraph(address string) string { return c.say(noParagraph, address) }

// OnlySupposed says that the documents suppose what a sentence states.
func (c Catalogue) OnlySupposed(source string) string { return c.say(onlySupposed, source) }

// NotTheirWords says that a quotation is not in the documents.
func (c Catalogue) NotTheirWords(claim string) string { return c.say(notTheirWords, claim) }

// TheyDeny says that the documents deny, with the word source, what a sentence states.
func (c Catalogue) TheyDeny(source string) string { return c.say(theyDeny, source) }

// TheyDoNotDeny says that a sentence denies, with the word claim, what the documents state.
func (c Catalogue) TheyDoNotDeny(claim string) string { return c.say(theyDoNotDeny, claim) }

// OtherDoer names who does in the documents what a sentence says of another.
func (c Catalogue) OtherDoer(source string) string { return c.say(otherDoer, source) }

// OtherTeller names who says in the documents what a sentence has another say.
func (c Catalogue) OtherTeller(source string) string { return c.say(otherTeller, source) }

// NotTold says that the documents do not have what a sentence says.
func (c Catalogue) NotTold(claim string) string { return c.say(notTold, claim) }

// ToldOtherwise says what the documents have instead.
func (c Catalogue) ToldOtherwise(source, claim string) string {
	return c.say(toldOtherwise, source, claim)
}

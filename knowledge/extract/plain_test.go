package extract_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"summitbot/knowledge/extract"
)

func heading(level int, text string) extract.Block {
	return extract.Block{Kind: extract.Heading, Level: level, Text: text}
}
func prose(text string) extract.Block { return extract.Block{Kind: extract.Prose, Text: text} }
func list(text string) extract.Block  { return extract.Block{Kind: extract.List, Text: text} }
func quote(text string) extract.Block { return extract.Block{Kind: extract.Quote, Text: text} }
func table(text string) extract.Block { return extract.Block{Kind: extract.Table, Text: text} }
func code(text string) extract.Block  { return extract.Block{Kind: extract.Code, Text: text} }

type readCase struct {
	name, source string
	title        string
	blocks       []extract.Block
}

func checkRead(t *testing.T, file string, cases []readCase) {
	t.Helper()
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			got, err := extract.Read(file, []byte(tt.source))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, extract.Text{Title: tt.title, Blocks: tt.blocks}); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

const long = "This is a paragraph that stands on one line, as word processors write it, and it is longer than any line that was wrapped by hand would ever be."

func TestReadPlainText(t *testing.T) {
	checkRead(t, "a.txt", []readCase{
		{name: "a paragraph a line", source: long + "\nA Heading Between\n" + long + "\nShort one.\n",
			blocks: []extract.Block{prose(long), heading(1, "A Heading Between"), prose(long), prose("Short one.")}},
		{name: "short paragraphs a line", source: "Opening hours\nWe open at nine.\nContact\nCall us.\n", title: "Opening hours",
			blocks: []extract.Block{prose("We open at nine."), heading(1, "Contact"), prose("Call us.")}},
		{name: "long lines under a title and a blank line", source: "The Title\n\n" + long + "\n" + long + "\n", title: "The Title",
			blocks: []extract.Block{prose(long), prose(long)}},
		{name: "a wrapped paragraph alone", source: "The committee met on the third day of the month and\ncould not agree on anything that had been put before\nit, so that it went home.\n",
			blocks: []extract.Block{prose("The committee met on the third day of the month and could not agree on anything that had been put before it, so that it went home.")}},
		{name: "wrapped paragraphs", source: "Report\n\nThe committee met on the third\nday of the month.\n\nIt went\nhome.\n", title: "Report",
			blocks: []extract.Block{prose("The committee met on the third day of the month."), prose("It went home.")}},
		{name: "a heading without a blank line", source: "The committee met.\n\nOpening hours\nWe open at nine on every day of the week but Sunday, and\nclose at five.\n",
			blocks: []extract.Block{prose("The committee met."), heading(1, "Opening hours"), prose("We open at nine on every day of the week but Sunday, and close at five.")}},
		{name: "underlined headings", source: "Title\n=====\n\nText of it.\n\nScope, and more.\n----------------\nMore text.\n", title: "Title",
			blocks: []extract.Block{prose("Text of it."), heading(2, "Scope, and more."), prose("More text.")}},
		{name: "capitals and numbers", source: "INTRODUCTION\n\nText.\n\nDETAILS\n\nText.\n\nSmall print\n\nText.\n\n2.1 Scope\n\nText.\n\n3. Methods\n\nText.\n", title: "INTRODUCTION",
			blocks: []extract.Block{prose("Text."), heading(1, "DETAILS"), prose("Text."), heading(2, "Small print"), prose("Text."), heading(2, "2.1 Scope"), prose("Text."), heading(1, "3. Methods"), prose("Text.")}},
		{name: "a numbered heading is no title", source: "1 Scope\n\nText.\n", blocks: []extract.Block{heading(1, "1 Scope"), prose("Text.")}},
		{name: "a year is no number", source: "1973 oil crisis\n\nText.\n", title: "1973 oil crisis", blocks: []extract.Block{prose("Text.")}},
		{name: "nothing follows a last short line", source: "Text of it.\n\nYours truly\n\nJohn Smith\n",
			blocks: []extract.Block{prose("Text of it."), prose("Yours truly"), prose("John Smith")}},
		{name: "many short lines are no headings", source: "Anna\nBert\nCarl\nDora\nThey all came.\n",
			blocks: []extract.Block{prose("Anna"), prose("Bert"), prose("Carl"), prose("Dora"), prose("They all came.")}},
		{name: "bullets", source: "You need:\n- flour\n- sugar and\n  honey\n* salt\n\nMix it.\n",
			blocks: []extract.Block{prose("You need:"), list("flour\nsugar and honey\nsalt"), prose("Mix it.")}},
		{name: "loose numbered list", source: "1. Open it.\n\n2. Close it.\n\nDone.\n",
			blocks: []extract.Block{list("1. Open it.\n2. Close it."), prose("Done.")}},
		{name: "a quoted mail", source: "He wrote:\n\n> I left.\n> She stayed.\n\nSo what.\n",
			blocks: []extract.Block{prose("He wrote:"), quote("I left.\nShe stayed."), prose("So what.")}},
		{name: "rules part", source: "Text one.\n*****\nText two.\n", blocks: []extract.Block{prose("Text one."), prose("Text two.")}},
		{name: "hyphens and scripts without spaces at a line's end", source: "A long-\nterm plan.\n\n今日は\n雨です。\n\nОн\nушёл.\n",
			blocks: []extract.Block{prose("A long-term plan."), prose("今日は雨です。"), prose("Он ушёл.")}},
		{name: "right to left", source: "القمة في ألاسكا\n\nاجتمع الرئيسان في ألاسكا.\n", title: "القمة في ألاسكا",
			blocks: []extract.Block{prose("اجتمع الرئيسان في ألاسكا.")}},
		{name: "line breaks of every kind, and control characters", source: "\ufeffOne.\r\n\r\nTwo\x07.\r\rThree.\u2029Four.\n", title: "",
			blocks: []extract.Block{prose("One."), prose("Two."), prose("Three."), prose("Four.")}},
		{name: "nothing", source: " \n\n"},
	})
}

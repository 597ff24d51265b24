package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// What is asked of the documents that the program comes with.
const (
	told    = "Would the proposal give Ukraine NATO membership?"
	next    = "Who travels to Washington with Zelenskyy?"
	untold  = "Which hotel in Anchorage hosted the delegations of the summit?"
	article = "alaska-summit"
)

// opened tells that a paragraph stands beside the answer.
const opened = `!document.querySelector('#beside').hidden && document.querySelector('#beside .text mark')`

func TestAQuestionIsAnsweredWithSourcesThatOpenBesideIt(t *testing.T) {
	p := serve(t, "").open(t, "/")
	p.wait(`document.activeElement.id === 'question'`)
	p.is(`document.querySelectorAll('.examples button').length > 0`)
	p.ask(told, 1)

	if p.count(".claim") == 0 || p.count(".claim .marker") < p.count(".claim") {
		t.Errorf("%d claims with %d numbers of sources", p.count(".claim"), p.count(".claim .marker"))
	}
	p.is(`document.querySelector('.claims').innerText.includes('red line for Putin')`)
	p.is(`document.querySelector('#question').value === ''`)
	p.is(`location.pathname === new URL(document.querySelector('.account a').href).pathname`)
	p.is(`document.title === ` + quoted(told))

	p.click(".claim .marker")
	p.wait(opened)
	// The words that are quoted, and no others, are marked.
	p.is(`document.querySelector('.answer').innerText.includes(document.querySelector('#beside mark').innerText.trim())`)
	p.is(`document.activeElement.id === 'beside'`)
	p.is(`document.querySelector('#beside').getBoundingClientRect().left > document.querySelector('.claim').getBoundingClientRect().right`)
	p.press(kb.Escape)
	p.wait(`document.querySelector('#beside').hidden`)
	p.is(`document.activeElement === document.querySelector('.claim .marker')`)

	// A source's own link does the same, and the button closes it.
	p.click(".sources .place a")
	p.wait(opened)
	p.click("#beside .bar button")
	p.wait(`document.querySelector('#beside').hidden`)

	p.click(".sources .place a")
	p.wait(opened)
	p.click("#beside .whole")
	p.wait(`location.pathname === '/d/alaska-summit' && document.querySelector('.paragraph:target mark')`)
	p.is(`document.querySelector('.paragraph:target').id === location.hash.slice(1)`)
	p.is(`document.querySelectorAll('.paragraph').length === 18`)
	p.is(`(r => r.top >= 0 && r.bottom <= innerHeight)(document.querySelector('mark').getBoundingClientRect())`)

	// On the way back the answer is there still.
	p.do(chromedp.NavigateBack())
	p.wait(`document.querySelector('.answer .question')?.innerText === ` + quoted(told))
	p.is(`document.querySelector('#ask').elements.conversation.value`)
}

func TestAnExampleIsAQuestion(t *testing.T) {
	p := serve(t, "").open(t, "/")
	asked := p.text(".examples button")
	p.click(".examples button")
	p.wait(`document.querySelector('.answer .account')`)
	if got := p.text(".answer .question"); got != asked+"?" {
		t.Errorf("asked about %q, shown as %q", asked, got)
	}
}

func TestAQuestionIsAskedOnInTheSameConversation(t *testing.T) {
	p := serve(t, "").open(t, "/")
	p.ask(told, 1)
	conversation := look[string](p, `document.querySelector('#ask').elements.conversation.value`)
	if len(conversation) < 16 {
		t.Fatalf("conversation %q", conversation)
	}
	p.ask(next, 2)
	if got := look[string](p, `document.querySelector('#ask').elements.conversation.value`); got != conversation {
		t.Errorf("the second question was put in conversation %q, the first in %q", got, conversation)
	}
	p.is(`document.querySelectorAll('.answer .question')[1].innerText === ` + quoted(next))
	p.is(`document.querySelector('#question').closest('form').getBoundingClientRect().top > document.querySelectorAll('.answer')[1].getBoundingClientRect().top`)

	// Each has its own page, and it goes on there.
	p.click(".answer .account a")
	p.wait(`document.querySelector('details.checks')`)
	p.is(`document.querySelector('.answer .question').innerText === ` + quoted(told))
	p.is(`document.querySelector('#ask').elements.conversation.value === ` + quoted(conversation))
	p.ask(next, 2)
}

func TestARefusalShowsWhatComesNearAndCitesNothing(t *testing.T) {
	p := serve(t, "").open(t, "/")
	p.ask(untold, 1)
	p.is(`document.querySelector('.refusal').innerText.length > 0`)
	if n := p.count(".sources, .claim"); n > 0 {
		t.Errorf("a refusal has %d claims and sources", n)
	}
	p.is(`document.querySelector('.answer').innerText.includes('Anchorage')`)
	p.is(`document.querySelectorAll('.nearest li').length > 0`)
	p.click(".nearest a")
	p.wait(`!document.querySelector('#beside').hidden`)
	p.is(`!document.querySelector('#beside mark')`) // nothing of it is evidence
}

func TestWithTheKeyboardAlone(t *testing.T) {
	p := serve(t, "").open(t, "/")
	p.wait(`document.activeElement.id === 'question'`)
	p.press("First line")
	p.press(kb.Enter, chromedp.Modifier(8)) // with Shift
	p.press("second line")
	if got := look[string](p, `document.querySelector('#question').value`); got != "First line\nsecond line" {
		t.Errorf("the field holds %q", got)
	}
	p.press("a", chromedp.Modifier(2)) // with Control: all of it
	p.press(told)
	p.press(kb.Enter)
	p.wait(`document.querySelector('.answer .account')`)

	back := func(selector string) {
		t.Helper()
		for range 40 {
			if look[bool](p, `document.activeElement.matches(`+quoted(selector)+`)`) {
				p.is(`parseFloat(getComputedStyle(document.activeElement).outlineWidth) >= 2`) // the focus is seen
				return
			}
			p.press(kb.Tab, chromedp.Modifier(8))
		}
		t.Fatalf("Tab does not lead to %s", selector)
	}
	back(".claim .marker")
	p.press(kb.Enter)
	p.wait(opened)
	p.press(kb.Tab)
	p.is(`document.querySelector('#beside').contains(document.activeElement)`)
	p.press(kb.Escape)
	p.wait(`document.activeElement.matches('.claim .marker')`)
	back(".skip")
	p.press(kb.Enter)
	p.is(`document.activeElement.id === 'main'`)
}

func TestOnAPhone(t *testing.T) {
	h := serve(t, "")
	p := h.blank(t)
	p.do(chromedp.EmulateViewport(360, 740, chromedp.EmulateScale(2)))
	fits := func(what string) {
		t.Helper()
		if wide := look[int](p, `document.scrollingElement.scrollWidth`); wide > 360 {
			t.Errorf("%s is %d pixels wide, on a screen of 360; too wide: %s", what, wide,
				look[string](p, `[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > 360).map(e => e.tagName + '.' + e.className).join(' ')`))
		}
	}
	p.visit("/")
	fits("the ask page")
	p.ask(told, 1)
	fits("an answer")
	p.click(".claim .marker")
	p.wait(opened)
	fits("an open paragraph")
	p.is(`(r => r.top >= 0 && r.bottom <= innerHeight)(document.querySelector('#beside mark').getBoundingClientRect())`)
	p.press(kb.Escape)
	p.ask(untold+" "+strings.Repeat("Donaudampfschifffahrtsgesellschaft", 6), 2)
	fits("a refusal with a long word")
	p.click(".answer .account a")
	p.wait(`document.querySelector('details.checks')`)
	fits("the page of an answer")
	for _, path := range []string{"/d/alaska-summit", "/documents", "/nowhere"} {
		if path == "/nowhere" {
			p.expect("status of 404")
		}
		p.visit(path)
		fits(path)
	}
}

func TestWithoutJavaScript(t *testing.T) {
	p := serve(t, "").blank(t)
	p.do(command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	// The page runs no script, so it is read through the protocol alone.
	reads := func(selector string) string {
		t.Helper()
		text, err := chromedp.Run(p.ctx, chromedp.OuterHTML(chromedp.CSS(selector)))
		if err != nil {
			t.Fatalf("%s: %v", selector, err)
		}
		return text
	}
	follow := func(selector string) {
		t.Helper()
		if _, err := chromedp.RunResponse(p.ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
			t.Fatalf("%s: %v", selector, err)
		}
	}
	p.visit("/")
	p.do(chromedp.SendKeys(chromedp.CSS("#question"), told))
	follow("#ask button")
	if html := reads("main"); !strings.Contains(html, `class="claim"`) || !strings.Contains(html, "red line for Putin") {
		t.Fatalf("no answer:\n%s", html)
	}
	if html := reads("#ask input[name=conversation]"); len(html) < len(`<input type="hidden" name="conversation" value="">`)+16 {
		t.Errorf("it does not go on in the same conversation: %s", html)
	}
	follow(`.rate button[value="good"]`)
	if html := reads(".acts"); !strings.Contains(html, "Thanks") {
		t.Errorf("feedback is not confirmed: %s", html)
	}
	follow(".claim .marker")
	if html := reads(".paragraph.cited"); !strings.Contains(html, "<mark>") {
		t.Errorf("what is cited is not marked: %s", html)
	}
	p.visit("/")
	p.do(chromedp.SendKeys(chromedp.CSS("#question"), untold))
	follow("#ask button")
	if html := reads(".nearest"); !strings.Contains(html, "blockquote") {
		t.Errorf("nothing comes near: %s", html)
	}
}

func TestInTheDark(t *testing.T) {
	h := serve(t, "")
	for _, path := range []string{"/", "/d/alaska-summit?mark=8:0-100#p8"} {
		p := h.blank(t)
		brightness := map[string]int{}
		for _, scheme := range []string{"light", "dark"} {
			p.scheme(scheme)
			p.visit(path)
			brightness[scheme] = look[int](p, `getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0)`)
		}
		if brightness["light"] < 3*200 || brightness["dark"] > 3*60 {
			t.Errorf("%s: the paper is %d bright by day and %d in the dark, of 765", path, brightness["light"], brightness["dark"])
		}
	}
}

func TestAFailureIsASentenceAndIsTriedAgain(t *testing.T) {
	p := serve(t, "").open(t, "/")
	p.expect("ERR_BLOCKED_BY_CLIENT")
	connected := func(is bool) {
		p.do(command(network.SetBlockedURLs, network.SetBlockedURLsParams{URLPatterns: []*network.BlockPattern{{URLPattern: p.origin + "/*", Block: !is}}}))
	}
	connected(false)
	p.do(chromedp.Focus(chromedp.CSS("#question")))
	p.press(told)
	p.press(kb.Enter)
	p.wait(`document.querySelector('.failure')`)
	p.is(`document.querySelector('.failure').innerText.endsWith('.')`)
	connected(true)
	p.click(".answer .retry")
	p.wait(`document.querySelector('.answer .account')`)
	p.is(`document.querySelectorAll('.answer').length === 1 && !document.querySelector('.failure')`)
	p.is(`document.querySelector('.answer .question').innerText === ` + quoted(told))

	// What the program will not answer, it says why.
	look[string](p, `document.querySelector('#question').value = 'why '.repeat(2000)`)
	p.do(chromedp.Focus(chromedp.CSS("#question")))
	p.press(kb.Enter)
	p.wait(`document.querySelector('.failure')`)
}

func TestAnAnswerIsCopiedWithItsCitations(t *testing.T) {
	h := serve(t, "")
	p := h.open(t, "/")
	for _, name := range []string{"clipboard-read", "clipboard-write"} {
		p.do(command(browser.SetPermission, browser.SetPermissionParams{
			Permission: &browser.PermissionDescriptor{Name: name, AllowWithoutSanitization: name == "clipboard-read"}, Setting: browser.PermissionSettingGranted, Origin: h.origin,
		}))
	}
	p.ask(told, 1)
	p.click("button.copy")
	p.wait(`document.querySelector('.said')?.innerText === 'Copied.'`)
	copied := look[string](p, `navigator.clipboard.readText()`)
	if !strings.Contains(copied, "[1]") || !strings.Contains(copied, h.origin+"/d/alaska-summit?") || !strings.Contains(copied, "\n> ") {
		t.Errorf("copied:\n%s", copied)
	}

	// On a page without TLS there is no clipboard.
	p = h.blank(t)
	p.do(command(page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `Object.defineProperty(navigator, 'clipboard', {value: undefined}); delete globalThis.ClipboardItem`,
	}))
	p.visit("/")
	p.ask(told, 1)
	p.click("button.copy")
	p.wait(`document.activeElement.matches('textarea.markdown')`)
	if got := look[string](p, `document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)`); !strings.Contains(got, "[1]") {
		t.Errorf("selected:\n%s", got)
	}
}

func TestFeedbackIsKeptWithoutLeavingThePage(t *testing.T) {
	p := serve(t, "").open(t, "/")
	p.ask(told, 1)
	p.click(`.rate button[value="bad"]`)
	p.wait(`document.querySelector('.said')?.innerText.startsWith('Thank')`)
	p.is(`document.querySelector('#thread .answer') && !document.querySelector('.rate')`)
}

func TestOnPaperOnlyWhatIsRead(t *testing.T) {
	p := serve(t, "").open(t, "/")
	p.ask(told, 1)
	p.do(command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}))
	for _, selector := range []string{"#ask", ".acts", ".top nav"} {
		p.is(`!document.querySelector(` + quoted(selector) + `).checkVisibility()`)
	}
	p.is(`document.querySelector('.sources').checkVisibility()`)
}

func TestWhatWasCitedIsShownAsItWasWhenItHasChanged(t *testing.T) {
	const before = "The harbour opens at seven in the morning. Ships wait outside until then."
	h := serveFiles(t, map[string]string{"harbour.txt": "Rules of the harbour\n" + before + "\nThe pilot boards at the buoy.\n"})
	p := h.open(t, "/")
	p.ask("When does the harbour open?", 1)
	p.is(`document.querySelector('.claims').innerText.includes('seven')`)
	document := look[string](p, `new URL(document.querySelector('.claim .marker').href).pathname.slice(3)`)
	answer := look[string](p, `new URL(document.querySelector('.account a').href).pathname`)

	old := h.revision(t, document)
	write(t, h.folder+"/harbour.txt", "Rules of the harbour\n"+strings.Replace(before, "seven", "nine", 1)+"\nThe pilot boards at the buoy.\n")
	until(t, "the file is read again", func() bool { r := h.revision(t, document); return r != "" && r != old })

	p.visit(answer)
	p.is(`document.querySelector('.sources .changed')`)
	p.is(`document.querySelector('.claims').innerText.includes('seven')`)
	p.click(".claim .marker")
	p.wait(opened)
	p.is(`document.querySelector('#beside mark').innerText.includes('seven')`)
	p.click("#beside .whole")
	p.wait(`location.pathname.startsWith('/d/') && document.querySelector('.older')`)
	if was, is := p.text(".became del"), p.text(".became ins"); strings.TrimSpace(was) != "seven" || strings.TrimSpace(is) != "nine" {
		t.Errorf("changed from %q to %q", was, is)
	}
	// Without colours too.
	p.is(`getComputedStyle(document.querySelector('.became del')).textDecorationLine === 'line-through'`)
	p.is(`getComputedStyle(document.querySelector('.became ins')).textDecorationLine === 'underline'`)
	p.click(".older a")
	p.wait(`!document.querySelector('.older') && document.querySelector('.reading').innerText.includes('nine')`)
}

func TestWhatADocumentHoldsIsTextAndNothingElse(t *testing.T) {
	const hostile = `The gate closes at <script>document.title = "taken"</script><img src="https://example.org/x.png" onerror="document.title = 'taken'"> ten o'clock.`
	h := serveFiles(t, map[string]string{"gate.txt": hostile + "\n"})
	p := h.open(t, "/")
	p.ask("When does the gate close?", 1)
	p.click(".claim .marker, .nearest a")
	p.wait(`!document.querySelector('#beside').hidden`)
	for _, path := range []string{"", look[string](p, `document.querySelector('#beside .whole').href`)} {
		if path != "" {
			p.do(chromedp.Navigate(path))
		}
		p.is(`document.querySelector('main').innerText.includes('<script>')`)
		p.is(`document.title !== 'taken' && !document.querySelector('main script, main img')`)
	}
}

func TestALinkToAParagraphIsItsNumber(t *testing.T) {
	p := serve(t, "").open(t, "/d/"+article)
	p.is(`document.querySelectorAll('.reading h2').length === 6`)
	for _, n := range []int{1, 9, 18} {
		p.click(fmt.Sprintf("#p%d .pilcrow", n))
		p.wait(fmt.Sprintf(`location.hash === '#p%d' && document.querySelector('.paragraph:target').id === 'p%d'`, n, n))
	}
}

func TestALinkToALateParagraphOfALongDocumentOpensIt(t *testing.T) {
	var text strings.Builder
	for i := range 1200 {
		fmt.Fprintf(&text, "Rule number %d of the long list is this one.\n\n", i+1)
	}
	h := serveFiles(t, map[string]string{"rules.txt": text.String()})
	p := h.open(t, "/d/rules#p1150")
	p.wait(`document.querySelector('.paragraph:target')?.id === 'p1150'`)
	p.is(`document.querySelector('#p1150').innerText.includes('Rule number 1150 ')`)
	p.is(`!document.querySelector('#p1')`)
}

// A watch that sees nothing would let everything pass.
func TestTheBrowserReportsWhatGoesWrong(t *testing.T) {
	h := serve(t, "")
	for _, wrong := range []struct{ what, script, fault string }{
		{"a request elsewhere", `fetch('https://example.org/').catch(() => true)`, "https://example.org/"},
		{"a style in the page", `(document.body.setAttribute('style', 'color: red'), true)`, "Content Security Policy"},
		{"a script in the page", `(document.head.append(Object.assign(document.createElement('script'), {textContent: '1'})), true)`, "Content Security Policy"},
		{"an error on the console", `(console.error('broken'), true)`, "broken"},
		{"an exception", `new Promise(r => { addEventListener('error', () => r(true)); setTimeout(() => { throw new Error('thrown') }) })`, "thrown"},
	} {
		t.Run(wrong.what, func(t *testing.T) {
			p := h.open(t, "/")
			look[bool](p, wrong.script)
			until(t, "it is reported", func() bool {
				p.mu.Lock()
				defer p.mu.Unlock()
				return strings.Contains(strings.Join(p.faults, "\n"), wrong.fault)
			})
			p.mu.Lock()
			p.faults = nil
			p.mu.Unlock()
			p.expect("") // what else comes of it
		})
	}
}

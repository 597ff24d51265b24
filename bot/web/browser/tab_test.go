package browser

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A tab is one page in the browser. Whatever goes wrong in it unseen fails the test:
// an exception, an error or a warning on the console (what the policy refuses is one),
// a request that leaves the machine.
type tab struct {
	t      *testing.T
	ctx    context.Context //nolint:containedctx // chromedp's handle of the page
	origin string

	mu      sync.Mutex
	faults  []string
	expects []string // parts of faults that the test brings about
	sent    int
}

// open opens a page of the program, as wide as a laptop's.
func (h *house) open(t *testing.T, path string) *tab {
	t.Helper()
	p := h.blank(t)
	p.visit(path)
	return p
}

// blank opens an empty page.
func (h *house) blank(t *testing.T) *tab {
	t.Helper()
	ctx, stop := chromedp.NewContext(chrome)
	ctx, timeUp := context.WithTimeout(ctx, 6*patience)
	p := &tab{t: t, ctx: ctx, origin: h.origin}
	t.Cleanup(func() {
		defer stop()
		defer timeUp()
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, f := range p.faults {
			t.Errorf("the browser: %s", f)
		}
		if p.sent == 0 {
			t.Error("no request was seen, so none was checked")
		}
	})
	if err := chromedp.Listen(ctx, p.event); err != nil {
		t.Fatal(err)
	}
	p.do(command(network.Enable, network.EnableParams{}))
	p.do(command(log.Enable, cdp.Empty{}))
	p.do(chromedp.EmulateViewport(1280, 800))
	return p
}

// event looks at what the browser reports.
func (p *tab) event(ev any) {
	switch e := ev.(type) {
	case *network.EventRequestWillBeSent:
		p.mu.Lock()
		p.sent++
		p.mu.Unlock()
		if u, err := url.Parse(e.Request.URL); err != nil || u.Scheme+"://"+u.Host != p.origin {
			p.fault("a request leaves: %s", e.Request.URL)
		}
	case *runtime.EventExceptionThrown:
		said := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			said += " " + e.ExceptionDetails.Exception.Description
		}
		p.fault("an exception: %s", said)
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" || e.Type == "assert" {
			var said []string
			for _, a := range e.Args {
				said = append(said, string(a.Value)+a.Description)
			}
			p.fault("console: %s: %s", e.Type, strings.Join(said, " "))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" || e.Entry.Level == "warning" {
			p.fault("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	}
}

func (p *tab) fault(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	said := fmt.Sprintf(format, args...)
	for _, part := range p.expects {
		if strings.Contains(said, part) {
			return
		}
	}
	p.faults = append(p.faults, said)
}

// expect lets the browser report what the test brings about.
func (p *tab) expect(part string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expects = append(p.expects, part)
}

// command sends a command of the protocol.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, c, params)
		return chromedp.Void{}, err
	}
}

func (p *tab) do(a chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	if _, err := chromedp.Run(ctx, a); err != nil {
		p.t.Fatalf("%v; the page reads:\n%s", err, p.text("body"))
	}
}

// visit goes to an address of the program and waits until it is loaded.
func (p *tab) visit(path string) {
	p.t.Helper()
	p.do(chromedp.Navigate(p.origin + path))
}

// look evaluates an expression on the page.
func look[T any](p *tab, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// wait waits until an expression is true, over the change to another page too.
func (p *tab) wait(expression string) {
	p.t.Helper()
	var last error
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	for ctx.Err() == nil {
		_, last = chromedp.Run(ctx, chromedp.Poll[bool]("!!("+expression+")", chromedp.WithPollingTimeout(patience)))
		if last == nil {
			return
		}
	}
	p.t.Fatalf("did not come true: %s: %v; the page reads:\n%s", expression, last, p.text("body"))
}

// is fails the test unless an expression is true now.
func (p *tab) is(expression string) {
	p.t.Helper()
	if !look[bool](p, "!!("+expression+")") {
		p.t.Errorf("not so: %s; the page reads:\n%s", expression, p.text("body"))
	}
}

// text returns what can be read of an element.
func (p *tab) text(selector string) string {
	p.t.Helper()
	return look[string](p, "document.querySelector("+quoted(selector)+")?.innerText ?? ''")
}

// count returns how many elements there are.
func (p *tab) count(selector string) int {
	p.t.Helper()
	return look[int](p, "document.querySelectorAll("+quoted(selector)+").length")
}

// click clicks the middle of the first such element, as a mouse does.
func (p *tab) click(selector string) {
	p.t.Helper()
	p.do(chromedp.Click(chromedp.CSS(selector)))
}

// press presses keys as a keyboard does: what a page takes for itself types nothing.
func (p *tab) press(keys string, with ...chromedp.Modifier) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(keys, chromedp.KeyModifiers(with...), func(k *input.DispatchKeyEventParams) {
		if k.Type == kb.KeyDown {
			k.Type = input.DispatchKeyEventTypeRawKeyDown
		}
	}))
}

// ask types a question into the field and presses Enter, and waits for what comes of
// it: answers counts those on the page by then.
func (p *tab) ask(question string, answers int) {
	p.t.Helper()
	p.do(chromedp.Focus(chromedp.CSS("#question")))
	p.press(question)
	p.press(kb.Enter)
	p.wait(fmt.Sprintf("document.querySelectorAll('.answer .account').length === %d", answers))
}

// scheme sets light or dark.
func (p *tab) scheme(name string) {
	p.t.Helper()
	p.do(command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}}))
}

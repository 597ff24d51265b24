package browser

import (
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// violations has axe-core look at the page and returns what it finds: an element that
// somebody cannot see, reach or understand.
func (p *tab) violations() []string {
	p.t.Helper()
	script, err := os.ReadFile(os.Getenv("SUMMITBOT_AXE"))
	if err != nil {
		p.t.Fatal(err)
	}
	// It is evaluated as from a console, which the page's policy does not bind. What
	// fades in is looked at when it is there.
	if _, err := chromedp.Run(p.ctx, chromedp.Evaluate[chromedp.Void](string(script))); err != nil {
		p.t.Fatal(err)
	}
	p.wait(`document.getAnimations().every(a => a.playState === 'finished')`)
	return look[[]string](p, `axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.flatMap(v =>
		v.nodes.map(n => v.id + ' (' + v.impact + '): ' + n.target.join(' ') + ': ' + n.failureSummary)))`)
}

func (p *tab) inspect(what string) {
	p.t.Helper()
	for _, v := range p.violations() {
		p.t.Errorf("%s: %s", what, v)
	}
}

func TestNobodyIsShutOut(t *testing.T) {
	if os.Getenv("SUMMITBOT_AXE") == "" {
		t.Skip("no axe-core; SUMMITBOT_AXE names its axe.min.js")
	}
	const before = "The harbour opens at seven in the morning. Ships wait outside until then."
	own := serve(t, "")
	harbour := serveFiles(t, map[string]string{"harbour.txt": "Rules of the harbour\n" + before + "\nThe pilot boards at the buoy.\n"})

	// What finds nothing on a broken page would find nothing anywhere.
	broken := own.open(t, "/")
	look[bool](broken, `(document.querySelectorAll('label, h1').forEach(e => e.remove()), document.querySelector('.lead').style.color = '#ddd', true)`)
	if found := strings.Join(broken.violations(), "\n"); !strings.Contains(found, "label (") || !strings.Contains(found, "color-contrast (") || !strings.Contains(found, "page-has-heading-one (") {
		t.Fatalf("of a broken page this is found:\n%s", found)
	}

	// An answer whose document is changed by now.
	p := harbour.open(t, "/")
	p.ask("When does the harbour open?", 1)
	document := look[string](p, `new URL(document.querySelector('.claim .marker').href).pathname.slice(3)`)
	answer := look[string](p, `new URL(document.querySelector('.account a').href).pathname`)
	cited := strings.TrimPrefix(look[string](p, `document.querySelector('.claim .marker').href`), harbour.origin)
	old := harbour.revision(t, document)
	write(t, harbour.folder+"/harbour.txt", "Rules of the harbour\n"+strings.Replace(before, "seven", "nine", 1)+"\nThe pilot boards at the buoy.\n")
	until(t, "the file is read again", func() bool { r := harbour.revision(t, document); return r != "" && r != old })

	for _, scheme := range []string{"light", "dark"} {
		for name, width := range map[string]int64{"wide": 1280, "narrow": 360} {
			t.Run(scheme+" and "+name, func(t *testing.T) {
				p := own.blank(t)
				p.scheme(scheme)
				p.do(chromedp.EmulateViewport(width, 800))
				p.visit("/")
				p.inspect("the ask page")
				p.ask(told, 1)
				p.inspect("an answer")
				p.click(".claim .marker")
				p.wait(opened)
				p.inspect("an open paragraph")
				p.press(kb.Escape)
				p.ask(untold, 2)
				p.inspect("a refusal")
				for _, path := range []string{"/d/" + article, "/documents", "/nowhere"} {
					if path == "/nowhere" {
						p.expect("status of 404")
					}
					p.visit(path)
					p.inspect(path)
				}

				p = harbour.blank(t)
				p.scheme(scheme)
				p.do(chromedp.EmulateViewport(width, 800))
				for _, path := range []string{answer, cited} {
					p.visit(path)
					p.inspect(path + ", changed since")
				}
			})
		}
	}
}

// What a reader for the blind is told: the answer as it comes, once, and that it is
// whole.
func TestWhatIsReadOut(t *testing.T) {
	p := serve(t, "").open(t, "/")
	p.do(command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}}))
	look[bool](p, `(() => {
		window.heard = [];
		new MutationObserver(list => list.forEach(m => m.target.closest?.('[aria-live], [role=status]') &&
			m.addedNodes.forEach(n => n.textContent.trim() && heard.push(n.textContent.trim())))).observe(document.body, {childList: true, subtree: true});
		return true;
	})()`)
	p.ask(told, 1)
	p.wait(`heard.some(h => h.startsWith('Answered, with'))`)
	heard := look[[]string](p, `heard`)
	times := 0
	for _, h := range heard {
		if strings.Contains(h, "red line for Putin") {
			times++
		}
	}
	if times != 1 {
		t.Errorf("the claim is read out %d times: %q", times, heard)
	}
	p.is(`getComputedStyle(document.querySelector('.claim')).animationName === 'none'`)
}

package browser

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

var screenshots = flag.String("screenshots", "", "write the README's pictures into this `folder`")

// pictureBytes is what one picture may have: the README is read on phones.
const pictureBytes = 150_000

func TestPicturesOfThePages(t *testing.T) {
	if *screenshots == "" {
		t.Skip("pictures are taken with -screenshots FOLDER")
	}
	h := serve(t, "")
	for _, scheme := range []string{"light", "dark"} {
		p := h.blank(t)
		p.scheme(scheme)
		p.do(chromedp.EmulateViewport(1280, 800, chromedp.EmulateScale(1.5)))
		p.visit("/")
		p.ask(told, 1)
		p.click(".claim .marker")
		p.wait(opened + ` && document.getAnimations().every(a => a.playState === 'finished')`)
		cited := look[string](p, `document.querySelector('.claim .marker').href`)
		p.picture("ask-" + scheme)
		p.do(chromedp.Navigate(cited))
		p.wait(`document.querySelector('.paragraph:target mark')`)
		p.picture("source-" + scheme)
	}
}

// picture writes what the tab shows, without the focus, which depends on how it got
// there.
func (p *tab) picture(name string) {
	p.t.Helper()
	look[bool](p, `(document.activeElement.blur(), true)`)
	shot, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatal(err)
	}
	small, err := shrink(shot)
	if err != nil {
		p.t.Fatal(err)
	}
	if len(small) > pictureBytes {
		p.t.Errorf("%s has %d bytes, more than %d", name, len(small), pictureBytes)
	}
	if err := os.WriteFile(filepath.Join(*screenshots, name+".png"), small, 0o644); err != nil { //nolint:gosec // a picture for everybody
		p.t.Fatal(err)
	}
}

// shrink writes a PNG with the 256 colours that it has most of; the others become
// the nearest of these. A page of text is some ten colours and their mixtures.
func shrink(shot []byte) ([]byte, error) {
	from, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		return nil, err
	}
	often := map[color.RGBA]int{}
	bounds := from.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			often[color.RGBAModel.Convert(from.At(x, y)).(color.RGBA)]++
		}
	}
	colours := make([]color.RGBA, 0, len(often))
	for c := range often {
		colours = append(colours, c)
	}
	slices.SortFunc(colours, func(a, b color.RGBA) int { return often[b] - often[a] })
	var palette color.Palette
	for _, c := range colours[:min(256, len(colours))] {
		palette = append(palette, c)
	}
	to := image.NewPaletted(bounds, palette)
	draw.Draw(to, bounds, from, bounds.Min, draw.Src)
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	err = encoder.Encode(&out, to)
	return out.Bytes(), err
}

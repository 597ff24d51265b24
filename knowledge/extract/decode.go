package extract

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	// The charset detector of old Firefox in pure Go, and kept up. On samples
	// in 18 charsets it was sure of a wrong one for two, Turkish and long Mac
	// Cyrillic; the confidence of saintfish/chardet tells less: right guesses
	// have 47 of 100, wrong ones up to 60.
	"github.com/wlynxg/chardet"
	// The decoders of the WHATWG encoding standard.
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	encodingunicode "golang.org/x/text/encoding/unicode"
)

const (
	// sureEnough is the confidence from which a detected charset is believed.
	// Right guesses score 0.65 and more on texts of 300 characters, most wrong
	// ones 0.46 and less. Central European and Arabic charsets stay below it.
	sureEnough = 0.6
	// sampleLength is how many bytes the detector sees: more changes nothing.
	sampleLength = 64 << 10
	// brokenShare is the share of characters that may be broken in a file that
	// is UTF-8 otherwise: a cut at its end, a slip of an editor. In any other
	// charset nearly every character beyond ASCII is broken.
	brokenShare = 0.05
)

// decode returns the text of data with line breaks as "\n" and without control
// characters.
func decode(data []byte) (string, error) {
	if utf16 := utf16Of(data); utf16 != nil {
		text, err := utf16.NewDecoder().Bytes(data)
		if err != nil {
			return "", fmt.Errorf("%w: not UTF-16, though it begins so: %w", ErrEncoding, err)
		}
		return clean(string(text)), nil
	}
	if what := binary(data); what != "" {
		return "", fmt.Errorf("%w: %s; if it is text, save it as UTF-8", ErrFormat, what)
	}
	if utf8.Valid(data) {
		return clean(string(data)), nil
	}
	if mostlyUTF8(data) {
		return clean(strings.ToValidUTF8(string(data), string(utf8.RuneError))), nil
	}
	charset, err := detect(data)
	if err != nil {
		return "", err
	}
	text, err := charset.NewDecoder().Bytes(data)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	return clean(string(text)), nil
}

// utf16Of returns the encoding that a byte order mark tells, or nil.
func utf16Of(data []byte) encoding.Encoding {
	if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
		return encodingunicode.UTF16(encodingunicode.LittleEndian, encodingunicode.ExpectBOM)
	}
	return nil
}

// binary tells what shows that data is not text, or "".
func binary(data []byte) string {
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return fmt.Sprintf("not text, a zero byte at offset %d", i)
	}
	head := data[:min(len(data), sniffLength)]
	controls := 0
	for _, b := range head {
		if b < ' ' && !strings.ContainsRune("\t\n\v\f\r\x1b", rune(b)) {
			controls++
		}
	}
	if controls*10 > len(head) {
		return "not text, full of control characters"
	}
	return ""
}

// mostlyUTF8 tells whether the characters beyond ASCII are UTF-8, up to
// brokenShare of them.
func mostlyUTF8(data []byte) bool {
	whole, broken := 0, 0
	for len(data) > 0 {
		if data[0] < utf8.RuneSelf {
			data = data[1:]
			continue
		}
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			broken++
		} else {
			whole++
		}
		data = data[size:]
	}
	return float64(broken) <= brokenShare*float64(whole+broken)
}

// detect tells the charset of text that is not UTF-8.
func detect(data []byte) (encoding.Encoding, error) {
	guess := chardet.Detect(sample(data))
	if guess.Confidence < sureEnough {
		return nil, fmt.Errorf("%w: neither UTF-8 nor a charset that can be told from the text; save it as UTF-8", ErrEncoding)
	}
	name := guess.Encoding
	if strings.EqualFold(name, "MacCyrillic") {
		name = "x-mac-cyrillic"
	}
	charset, err := htmlindex.Get(name)
	if err != nil {
		return nil, fmt.Errorf("%w: it looks like %s, which is not read here; save it as UTF-8", ErrEncoding, guess.Encoding)
	}
	return charset, nil
}

// sample returns the part of data that begins with the line of the first byte
// beyond ASCII: what stands before it tells nothing about the charset.
func sample(data []byte) []byte {
	first := bytes.IndexFunc(data, func(r rune) bool { return r >= utf8.RuneSelf })
	start := max(0, first-sampleLength/8)
	if i := bytes.LastIndexByte(data[start:max(first, start)], '\n'); i >= 0 {
		start += i + 1
	}
	return data[start:min(len(data), start+sampleLength)]
}

// clean makes "\n" of every kind of line break, and removes byte order marks
// and control characters. It copies runs, not characters.
func clean(text string) string {
	var b strings.Builder
	kept := 0
	for i := 0; i < len(text); {
		if c := text[i]; c >= ' ' && c < 0x7f || c == '\n' || c == '\t' {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		replacement, ok := replaced(r)
		if !ok {
			i += size
			continue
		}
		if b.Cap() == 0 {
			b.Grow(len(text))
		}
		b.WriteString(text[kept:i])
		if r == '\r' && strings.HasPrefix(text[i+1:], "\n") {
			replacement = ""
		}
		b.WriteString(replacement)
		i += size
		kept = i
	}
	if kept == 0 {
		return text
	}
	b.WriteString(text[kept:])
	return b.String()
}

// replaced tells what stands for a character that is not kept.
func replaced(r rune) (string, bool) {
	switch r {
	case '\r', '\v', '\f', '\u0085', '\u2028':
		return "\n", true
	case '\u2029':
		return "\n\n", true
	case '\ufeff':
		return "", true
	}
	return "", unicode.IsControl(r)
}

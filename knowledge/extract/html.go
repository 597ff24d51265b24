package extract

import (
	"strings"

	// The HTML5 tokenizer of the Go project.
	"golang.org/x/net/html"
)

// htmlText returns the text of a piece of HTML on one line. Scripts, styles
// and comments are not text. A tag that HTML does not know is: documents write
// <name> where the reader is to put a name.
func htmlText(source string) string {
	var b strings.Builder
	hidden := ""
	for z := html.NewTokenizer(strings.NewReader(source)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		raw := string(z.Raw())
		token := z.Token()
		switch {
		case hidden != "":
			if kind == html.EndTagToken && token.Data == hidden {
				hidden = ""
			}
		case kind == html.TextToken:
			b.WriteString(token.Data)
		case kind == html.CommentToken || kind == html.DoctypeToken:
		case kind == html.StartTagToken && (token.Data == "script" || token.Data == "style" || token.Data == "template"):
			hidden = token.Data
		case !htmlElements[token.Data]:
			b.WriteString(raw)
		case !inlineElements[token.Data]:
			b.WriteByte(' ')
		}
	}
	return strings.TrimSpace(oneLine(clean(b.String())))
}

// inlineHTML returns what is left of one tag or comment in running text.
func inlineHTML(raw string) string {
	switch name := tagName(raw); {
	case name == "br" || name == "img" || name == "hr":
		return " "
	case name == "" || htmlElements[name]:
		return ""
	}
	return raw
}

// tagName returns the name of a tag in small letters, or "" for comments and
// the like.
func tagName(raw string) string {
	name := strings.TrimLeft(raw, "</")
	if i := strings.IndexFunc(name, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
	}); i >= 0 {
		name = name[:i]
	}
	return strings.ToLower(name)
}

// The elements of HTML, by whether they part the words around them.
var (
	inlineElements = names(`a abbr acronym b bdi bdo big cite code data dfn del em font i ins kbd label mark q
		ruby rb rp rt s samp small span strike strong sub sup time tt u var wbr`)
	htmlElements = names(`a abbr acronym address area article aside audio b base bdi bdo big blockquote body br
		button canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt
		em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup
		hr html i iframe img input ins kbd label legend li link main map mark menu meta meter nav noframes
		noscript object ol optgroup option output p param picture pre progress q rb rp rt ruby s samp script
		search section select slot small source span strike strong style sub summary sup svg table tbody td
		template textarea tfoot th thead time title tr track tt u ul var video wbr`)
)

func names(list string) map[string]bool {
	set := make(map[string]bool)
	for name := range strings.FieldsSeq(list) {
		set[name] = true
	}
	return set
}

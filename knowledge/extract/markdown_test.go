package extract_test

import (
	"testing"

	"summitbot/knowledge/extract"
)

func TestReadMarkdown(t *testing.T) {
	checkRead(t, "a.md", []readCase{
		{name: "the first heading of level 1 is the title", source: "# The *Title* {#top}\n\nText.\n\n## Part\n\nMore\ntext.\n\n# Second\n\nEnd.\n", title: "The Title",
			blocks: []extract.Block{prose("Text."), heading(2, "Part"), prose("More text."), heading(1, "Second"), prose("End.")}},
		{name: "underlined headings", source: "Title\n===\n\nPart\n---\n\nText.\n", title: "Title", blocks: []extract.Block{heading(2, "Part"), prose("Text.")}},
		{name: "front matter", source: "---\ntitle: \"A: B\"\ntags: [x, y]\n---\n# Other\n\nText.\n", title: "A: B",
			blocks: []extract.Block{heading(1, "Other"), prose("Text.")}},
		{name: "front matter and the same heading", source: "---\ntitle: A B\n---\n\n# A B\n\nText.\n", title: "A B", blocks: []extract.Block{prose("Text.")}},
		{name: "front matter of TOML", source: "+++\ndate = 2024\ntitle = 'It'\n+++\nText.\n", title: "It", blocks: []extract.Block{prose("Text.")}},
		{name: "two rules are no front matter", source: "---\nJust a sentence here.\n\n---\nText.\n", blocks: []extract.Block{prose("Just a sentence here."), prose("Text.")}},
		{name: "emphasis, links, images, code", source: "A *b* **c** ~~d~~ [e](http://x \"t\") ![f](g.png) `h *i*` <https://j.k> [l][m]\n\n[m]: http://n\n",
			blocks: []extract.Block{prose("A b c d e f h *i* https://j.k l")}},
		{name: "escapes and character references", source: `1\. \*a\* \&amp; &amp; &eacute; &#8364; AT&T; R&D &copy x; &#7;.` + "\n",
			blocks: []extract.Block{prose("1. *a* &amp; & é € AT&T; R&D &copy x; .")}},
		{name: "a hard break is a space", source: "one  \ntwo\\\nthree\n", blocks: []extract.Block{prose("one two three")}},
		{name: "no space between lines of a script without spaces", source: "今日は\n雨です。\n", blocks: []extract.Block{prose("今日は雨です。")}},
		{name: "a list with a list in it is one block", source: "- a\n  - b\n    c\n- d\n\n  e\n\nText.\n", blocks: []extract.Block{list("a\nb c\nd\ne"), prose("Text.")}},
		{name: "numbers of a list are text", source: "3. a\n4. b\n   - c\n", blocks: []extract.Block{list("3. a\n4. b\nc")}},
		{name: "a quote is one block", source: "> # H\n> a\n> b\n>\n> c\n", blocks: []extract.Block{quote("H\na b\nc")}},
		{name: "a table is one block", source: "| a | *b* |\n|---|---|\n| c | d |\n| e | |\n", blocks: []extract.Block{table("a | b\nc | d\ne |")}},
		{name: "code keeps its shape", source: "```go\nfunc f() {\n\n\t*x*\n}\n```\n\n    indented\n", blocks: []extract.Block{code("func f() {\n\n\t*x*\n}"), code("indented")}},
		{name: "HTML gives its text", source: "<div class=\"x\"><p>One &amp; <b>t</b>wo</p><p>three</p>\n<!-- no --><script>no()</script></div>\n\nH<sub>2</sub>O<br>x <!-- no -->y\n",
			blocks: []extract.Block{prose("One & two three"), prose("H2O x y")}},
		{name: "tags that HTML does not know are text", source: "Run git clone <url> here.\n\n<name>\n\nList<String> x\n",
			blocks: []extract.Block{prose("Run git clone <url> here."), prose("<name>"), prose("List<String> x")}},
		{name: "footnotes are prose where the first one stands", source: "A.[^1]\n\n[^1]: Note *one*.\n\nB.\n\n[^2]: Note two.\n",
			blocks: []extract.Block{prose("A."), prose("Note one."), prose("Note two."), prose("B.")}},
		{name: "definitions are a list", source: "Term\n: What it is.\n", blocks: []extract.Block{list("Term\nWhat it is.")}},
		{name: "a rule is nothing", source: "a\n\n***\n\nb\n", blocks: []extract.Block{prose("a"), prose("b")}},
		{name: "nothing", source: ""},
	})
}

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime/datasource"
)

// text returns rich text in JSON.
func text(s string) string { return fmt.Sprintf(`[{"plain_text":%q}]`, s) }

// textBlock returns a block that has text.
func textBlock(typ, s string) string {
	return fmt.Sprintf(`{"id":"b","type":%q,%q:{"rich_text":%s}}`, typ, typ, text(s))
}

// parent returns a block that has others.
func parent(id, typ, s string) string {
	return fmt.Sprintf(`{"id":%q,"type":%q,"has_children":true,%q:{"rich_text":%s}}`, id, typ, typ, text(s))
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	inner := map[string][]string{
		"item": {textBlock("bulleted_list_item", "inner"), textBlock("paragraph", "para")}, "deep": {parent("item", "numbered_list_item", "one")},
		"quote": {textBlock("paragraph", "more\nlines")}, "columns": {parent("left", "column", ""), parent("right", "column", "")},
		"left": {textBlock("paragraph", "l")}, "right": {textBlock("paragraph", "r")},
		"table": {
			`{"id":"r","type":"table_row","table_row":{"cells":[` + text("a") + `,` + text("b|c") + `]}}`,
			`{"id":"r","type":"table_row","table_row":{"cells":[` + text("1\n2") + `,[]]}}`,
		},
		"page": {textBlock("paragraph", "of another page")},
		"self": {parent("self", "toggle", "again")},
	}
	for name, test := range map[string]struct {
		blocks []string
		want   string
	}{
		"nothing":    {nil, ""},
		"paragraphs": {[]string{textBlock("paragraph", "a"), textBlock("paragraph", ""), textBlock("paragraph", "b\nc")}, "a\n\nb\nc"},
		"headings":   {[]string{textBlock("heading_1", "a"), textBlock("heading_3", "b")}, "# a\n\n### b"},
		"rich text": {[]string{`{"id":"b","type":"paragraph","paragraph":{"rich_text":[
			{"plain_text":" a ","annotations":{"bold":true}},{"plain_text":"b","annotations":{"italic":true,"strikethrough":true}},{"plain_text":" "},
			{"plain_text":"c","annotations":{"code":true},"href":"https://c.example"}]}}`}, " **a** ~~*b*~~ [`c`](https://c.example)"},
		"lists": {[]string{
			textBlock("bulleted_list_item", "a"), textBlock("bulleted_list_item", "b"), textBlock("numbered_list_item", "c"), textBlock("numbered_list_item", "d"),
			textBlock("paragraph", "e"), textBlock("numbered_list_item", "f"),
		}, "- a\n- b\n\n1. c\n2. d\n\ne\n\n1. f"},
		"in lists": {[]string{parent("deep", "bulleted_list_item", "a"), textBlock("bulleted_list_item", "b")}, "- a\n  1. one\n     - inner\n\n     para\n- b"},
		"tasks":    {[]string{`{"id":"b","type":"to_do","to_do":{"checked":true,"rich_text":` + text("a") + `}}`, textBlock("to_do", "b")}, "- [x] a\n- [ ] b"},
		"quote":    {[]string{parent("quote", "quote", "a")}, "> a\n>\n> more\n> lines"},
		"code": {[]string{
			`{"id":"b","type":"code","code":{"language":"go","rich_text":` + text("a\n  b") + `}}`, `{"id":"b","type":"code","code":{"language":"plain text","rich_text":` + text("```") + `}}`,
		}, "```go\na\n  b\n```\n\n````\n```\n````"},
		"columns":  {[]string{`{"id":"columns","type":"column_list","has_children":true,"column_list":{}}`}, "l\n\nr"},
		"table":    {[]string{`{"id":"table","type":"table","has_children":true,"table":{"table_width":2}}`}, "| a | b\\|c |\n| --- | --- |\n| 1 2 |  |"},
		"others":   {[]string{`{"id":"b","type":"divider","divider":{}}`, `{"id":"b","type":"equation","equation":{"expression":"e=mc^2"}}`}, "---\n\n$$e=mc^2$$"},
		"children": {[]string{`{"id":"page","type":"child_page","has_children":true,"child_page":{"title":"Another"}}`, `{"id":"d","type":"child_database","child_database":{"title":"Rows"}}`}, "Another\n\nRows"},
		"links": {[]string{
			`{"id":"b","type":"bookmark","bookmark":{"url":"https://b.example","caption":` + text("B") + `}}`, `{"id":"b","type":"embed","embed":{"url":"https://e.example"}}`,
			`{"id":"b","type":"image","image":{"type":"external","external":{"url":"https://i.example"},"caption":[]}}`,
			`{"id":"b","type":"file","file":{"type":"file","file":{"url":"https://s3.example/signed?X-Amz-Signature=x"},"name":"a.pdf"}}`,
		}, "[B](https://b.example)\n\n[embed](https://e.example)\n\n[image](https://i.example)\n\na.pdf"},
		"unknown":   {[]string{`{"id":"b","type":"unsupported","unsupported":{}}`, `{"id":"b","type":"new","new":"text"}`, `{"id":"b","type":"other"}`, textBlock("paragraph", "a")}, "a"},
		"many":      {repeat(textBlock("paragraph", "a"), 250), strings.TrimSuffix(strings.Repeat("a\n\n", 250), "\n\n")},
		"recursive": {[]string{parent("self", "quote", "a")}, "> a\n>\n> " + nested(20)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := &workspace{pages: []string{page(1, "P", "")}, blocks: map[string][]string{id(1): append([]string{}, test.blocks...)}}
			for id, blocks := range inner {
				n.blocks[id] = blocks
			}
			h := start(t, n.ServeHTTP)
			got := h.PageContent("workspace", secret, datasource.PageRequest{WorkspaceID: "w1", PageID: id(1)})
			if diff := cmp.Diff(test.want, got.Content); got.Err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", got.Err, diff)
			}
		})
	}
}

func repeat(s string, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = s
	}
	return list
}

// nested is a list in a list and so on.
func nested(depth int) string {
	var b strings.Builder
	for i := range depth {
		if i > 0 {
			b.WriteString("\n> " + strings.Repeat("  ", i))
		}
		b.WriteString("- again")
	}
	return b.String()
}

// TestLongPage has more blocks than are read. What is in the last ones is not asked for.
func TestLongPage(t *testing.T) {
	t.Parallel()
	n := &workspace{pages: []string{page(1, "P", "")}, blocks: map[string][]string{
		id(1): append([]string{parent("first", "quote", "a")}, repeat(textBlock("paragraph", "b"), 12_000)...), "first": {textBlock("paragraph", "c")},
	}}
	got := start(t, n.ServeHTTP).PageContent("workspace", secret, datasource.PageRequest{WorkspaceID: "w1", PageID: id(1)})
	if want := "> a" + strings.Repeat("\n\nb", 9_999); got.Err != nil || got.Content != want {
		t.Errorf("got %d bytes, want %d: %v", len(got.Content), len(want), got.Err)
	}
	if len(n.asked) != 1+100 {
		t.Errorf("%d requests, the last one %s", len(n.asked), n.asked[len(n.asked)-1])
	}
}

// TestLongFence has code that is a fence itself.
func TestLongFence(t *testing.T) {
	t.Parallel()
	fence := strings.Repeat("`", 400_000)
	n := &workspace{pages: []string{page(1, "P", "")}, blocks: map[string][]string{
		id(1): {`{"id":"b","type":"code","code":{"rich_text":` + text(fence) + `}}`},
	}}
	begin := time.Now()
	got := start(t, n.ServeHTTP).PageContent("workspace", secret, datasource.PageRequest{WorkspaceID: "w1", PageID: id(1)})
	if got.Err != nil || got.Content != fence+"`\n"+fence+"\n`"+fence {
		t.Errorf("got %d bytes: %v", len(got.Content), got.Err)
	}
	if took := time.Since(begin); took > 15*time.Second {
		t.Errorf("it took %s", took)
	}
}

package notion

import (
	"cmp"
	"context"
	"log/slog"
	"strconv"
	"strings"
)

const (
	maxBlocks = 10_000 // of a page
	maxDepth  = 20     // of blocks in blocks
)

// richText is text in pieces with a format each.
type richText []struct {
	PlainText   string `json:"plain_text"`
	Href        string
	Annotations struct{ Bold, Italic, Strikethrough, Code bool }
}

func (t richText) plain() string {
	var b strings.Builder
	for _, piece := range t {
		b.WriteString(piece.PlainText)
	}
	return b.String()
}

// markdown returns the text with links and emphasis. Markdown has none with spaces at its ends.
func (t richText) markdown() string {
	var b strings.Builder
	for _, piece := range t {
		text := strings.TrimSpace(piece.PlainText)
		if text == "" {
			b.WriteString(piece.PlainText)
			continue
		}
		before, after, _ := strings.Cut(piece.PlainText, text)
		for _, mark := range []struct {
			text string
			on   bool
		}{{"`", piece.Annotations.Code}, {"*", piece.Annotations.Italic}, {"**", piece.Annotations.Bold}, {"~~", piece.Annotations.Strikethrough}} {
			if mark.on {
				text = mark.text + text + mark.text
			}
		}
		if piece.Href != "" {
			text = "[" + text + "](" + piece.Href + ")"
		}
		b.WriteString(before + text + after)
	}
	return b.String()
}

// reader reads the blocks of a page.
type reader struct {
	*connection
	rest int  // blocks that may be read yet
	cut  bool // there are more
}

// markdown returns what a page says in Markdown.
func (c *connection) markdown(ctx context.Context, id string) (string, error) {
	r := &reader{connection: c, rest: maxBlocks}
	text, err := r.inside(ctx, id, 0)
	if r.cut {
		slog.WarnContext(ctx, "The page is longer or deeper than what is read of it.", "blocks", maxBlocks-r.rest)
	}
	return text, err
}

// inside returns what is in a block or a page.
func (r *reader) inside(ctx context.Context, id string, depth int) (string, error) {
	if depth > maxDepth || r.rest == 0 {
		r.cut = true
		return "", nil
	}
	blocks, more, err := r.blocks(ctx, id, r.rest)
	if err != nil {
		return "", err
	}
	r.rest -= len(blocks)
	r.cut = r.cut || more
	var b strings.Builder
	last, number := "", 0
	for _, block := range blocks {
		if number++; block.Type != "numbered_list_item" || last != block.Type {
			number = 1
		}
		text, err := r.block(ctx, &block, number, depth)
		if err != nil {
			return "", err
		}
		if text == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n")
			if !block.isItem() || last != block.Type {
				b.WriteString("\n")
			}
		}
		b.WriteString(text)
		last = block.Type
	}
	return b.String(), nil
}

// block returns a block and what is in it.
func (r *reader) block(ctx context.Context, b *block, number, depth int) (string, error) {
	content := b.content()
	text, inside := content.RichText.markdown(), ""
	if b.HasChildren && b.Type != "child_page" && b.Type != "child_database" { // which are pages of their own
		var err error
		if inside, err = r.inside(ctx, b.ID, depth+1); err != nil {
			return "", err
		}
	}
	switch b.Type {
	case "heading_1", "heading_2", "heading_3", "heading_4":
		text = strings.Repeat("#", int(b.Type[len(b.Type)-1]-'0')) + " " + text
	case "bulleted_list_item", "toggle":
		return item("- ", text, inside), nil
	case "numbered_list_item":
		return item(strconv.Itoa(number)+". ", text, inside), nil
	case "to_do":
		mark := "- [ ] "
		if content.Checked {
			mark = "- [x] "
		}
		return item(mark, text, inside), nil
	case "quote", "callout":
		return prefixed("> ", join(text, inside)), nil
	case "code":
		return fenced(content.Language, content.RichText.plain()), nil
	case "equation":
		return "$$" + content.Expression + "$$", nil
	case "divider":
		return "---", nil
	case "table":
		return table(inside), nil
	case "table_row":
		return row(content.Cells), nil
	case "child_page", "child_database":
		return content.Title, nil
	case "image", "video", "audio", "file", "pdf", "bookmark", "embed", "link_preview":
		return content.link(b.Type), nil
	}
	return join(text, inside), nil
}

func join(text, inside string) string {
	if text == "" || inside == "" {
		return text + inside
	}
	return text + "\n\n" + inside
}

// item returns an item of a list.
func item(mark, text, inside string) string {
	if inside != "" {
		text += "\n" + inside
	}
	indent := len(mark)
	if mark[0] == '-' { // also of a task
		indent = len("- ")
	}
	return mark + strings.TrimLeft(prefixed(strings.Repeat(" ", indent), text), " ")
}

// prefixed returns a text with a prefix before each line.
func prefixed(prefix, text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(prefix+line, " ")
	}
	return strings.Join(lines, "\n")
}

// fenced returns code between fences that are longer than all in it.
func fenced(language, text string) string {
	longest, run := 0, 0 // run of backticks
	for _, c := range []byte(text) {
		if run++; c != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", max(3, longest+1))
	if language == "plain text" {
		language = ""
	}
	return fence + language + "\n" + text + "\n" + fence
}

func row(cells []richText) string {
	texts := make([]string, len(cells))
	for i, cell := range cells {
		texts[i] = strings.NewReplacer("\n", " ", "|", `\|`).Replace(cell.markdown())
	}
	return "| " + strings.Join(texts, " | ") + " |"
}

// table returns rows with a line below the first one, as Markdown has it.
func table(rows string) string {
	first, rest, more := strings.Cut(rows, "\n")
	columns := strings.Count(strings.ReplaceAll(first, `\|`, ""), "|") - 1
	text := first + "\n" + strings.Repeat("| --- ", max(columns, 0)) + "|"
	if more {
		text += "\n" + rest
	}
	return text
}

// link returns a link to a file or another page.
func (c *content) link(typ string) string {
	address := cmp.Or(c.URL, c.External.URL)
	name := cmp.Or(c.Caption.plain(), c.Name, typ)
	if address == "" { // a file in Notion has an address for an hour, which is of no use later
		return name
	}
	return "[" + name + "](" + address + ")"
}

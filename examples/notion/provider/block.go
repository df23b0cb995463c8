package notion

import "encoding/json"

// block is a part of a page. What it says is in the field that its type names.
type block struct {
	ID, Type    string
	HasChildren bool
	fields      map[string]json.RawMessage
}

// content is what blocks say, of all types.
type content struct {
	RichText             richText `json:"rich_text"`
	Caption              richText
	Cells                []richText
	Checked              bool
	Title, Name          string
	Language, Expression string
	URL                  string
	External             struct{ URL string }
}

// UnmarshalJSON keeps all fields, whatever the type is.
func (b *block) UnmarshalJSON(data []byte) error {
	var known struct {
		ID, Type    string
		HasChildren bool `json:"has_children"`
	}
	if err := json.Unmarshal(data, &known); err != nil {
		return err
	}
	b.ID, b.Type, b.HasChildren = known.ID, known.Type, known.HasChildren
	return json.Unmarshal(data, &b.fields)
}

// content returns what the block says. A type that is not known may say nothing that can be read.
func (b *block) content() *content {
	var c content
	_ = json.Unmarshal(b.fields[b.Type], &c)
	return &c
}

// isItem reports whether blocks of the type stand one below the other, without a line between them.
func (b *block) isItem() bool {
	switch b.Type {
	case "bulleted_list_item", "numbered_list_item", "to_do", "toggle", "table_row":
		return true
	}
	return false
}

package schema

import "testing"

func TestMembers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		members members
		want    string
	}{
		"none": {nil, `{}`},
		"one":  {members{{"b", []string{"<"}}}, `{"b":["<"]}`},
		"two":  {members{{"b", whether(true)}, {"a", &node{Type: textType}}}, `{"b":true,"a":{"type":"string"}}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.members.MarshalJSON()
			if err != nil || string(got) != test.want {
				t.Errorf("got %s, %v, want %s", got, err, test.want)
			}
		})
	}
}

// TestMarkdown checks that descriptions with tags have what editors would otherwise take for Markdown.
func TestMarkdown(t *testing.T) {
	t.Parallel()
	for description, want := range map[string]string{
		"a_b":           `{"description":"a_b"}`,
		"<a_b> *c* [e]": `{"description":"<a_b> *c* [e]","markdownDescription":"\\<a\\_b> \\*c\\* \\[e\\]"}`,
	} {
		got, err := (&node{Description: description}).MarshalJSON()
		if err != nil || string(got) != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}

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

package llm_test

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

type (
	mood   string
	review struct {
		Mood     mood             `json:"mood" enum:"good, bad" description:"Whether the customer is content."`
		Stars    int              `json:"stars,omitempty" enum:"1,2,3"`
		Tags     []mood           `json:"tags,omitzero" enum:"a,b"`
		Ratio    *float64         `json:"ratio"`
		When     time.Time        `json:"when"`
		Address  netip.Addr       `json:"address"`
		Labels   map[string]bool  `json:"labels"`
		Numbers  map[int][2]uint8 `json:"numbers"`
		Raw      json.RawMessage  `json:"raw"`
		Any      any              `json:"any"`
		Exact    json.Number      `json:"exact"`
		Bytes    []byte           `json:"bytes"`
		Quoted   int64            `json:"quoted,string"`
		Untagged string
		Ignored  func() `json:"-"`
		hidden   chan int
		base
		*Shared
		Named base `json:"named"`
	}
	base   struct{ Common, Twice string }
	Shared struct {
		Twice  string
		Common string `json:"Untagged"` // less deep: the other Untagged
		Depth  string `json:"depth" description:"How deep."`
	}
)

func TestSchemaOf(t *testing.T) {
	t.Parallel()
	_ = review{}.hidden
	schema, err := llm.SchemaOf(&review{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(schema, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
 "additionalProperties": false,
 "properties": {

  "Common": {"type": "string"},
  "Untagged": {"type": "string"},
  "address": {"type": "string"},
  "any": {},
  "bytes": {"contentEncoding": "base64", "type": "string"},
  "depth": {"description": "How deep.", "type": "string"},
  "exact": {"type": "number"},
  "labels": {"additionalProperties": {"type": "boolean"}, "type": "object"},
  "mood": {"description": "Whether the customer is content.", "enum": ["good", "bad"], "type": "string"},
  "named": {
   "additionalProperties": false,
   "properties": {"Common": {"type": "string"}, "Twice": {"type": "string"}},
   "required": ["Common", "Twice"],
   "type": "object"
  },
  "numbers": {"additionalProperties": {"items": {"minimum": 0, "type": "integer"}, "type": "array"}, "type": "object"},
  "quoted": {"type": "string"},
  "ratio": {"type": "number"},
  "raw": {},
  "stars": {"enum": [1, 2, 3], "type": "integer"},
  "tags": {"items": {"enum": ["a", "b"], "type": "string"}, "type": "array"},
  "when": {"format": "date-time", "type": "string"}
 },
 "required": ["Common", "Untagged", "address", "any", "bytes", "depth", "exact", "labels", "mood", "named", "numbers", "quoted", "ratio", "raw", "when"],
 "type": "object"
}`
	if diff := cmp.Diff(plain(t, []byte(want)), plain(t, got)); diff != "" {
		t.Errorf("schema (-want +got):\n%s", diff)
	}
	// encoding/json agrees about the names.
	encoded, err := json.Marshal(review{Shared: &Shared{}, Exact: "1", Raw: json.RawMessage(`1`), Stars: 1, Tags: []mood{}})
	if err != nil {
		t.Fatal(err)
	}
	names := func(m map[string]any) map[string]bool {
		set := map[string]bool{}
		for name := range m {
			set[name] = true
		}
		return set
	}
	if diff := cmp.Diff(names(plain(t, encoded)), names(schema["properties"].(map[string]any))); diff != "" {
		t.Errorf("names (-encoding/json +schema):\n%s", diff)
	}
}

func plain(t *testing.T, data []byte) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

type (
	node      struct{ Children []node }
	mutual    struct{ Other *other }
	other     struct{ Mutual map[string]mutual }
	embedding struct{ *embeddingToo }
	// embeddingToo is unexported, so that encoding/json cannot make one.
	embeddingToo struct{ A string }
	Loop         struct {
		*Loop
		A string
	}
	wide0 struct{ A, B, C, D, E, F, G, H, I, J int }
	wide1 struct{ A, B, C, D, E, F, G, H, I, J wide0 }
	wide2 struct{ A, B, C, D, E, F, G, H, I, J wide1 }
	wide3 struct{ A, B, C, D, E, F, G, H, I, J wide2 }
)

func TestSchemaOfRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		v    any
		want string
	}{
		{nil, "a schema needs a struct or a map"},
		{"", "a schema needs a struct or a map"},
		{[]string{}, "a schema needs a struct or a map"},
		{time.Time{}, "a schema needs a struct or a map"},
		{node{}, "llm_test.node.Children: llm_test.node contains itself: write a schema for it"},
		{mutual{}, "llm_test.mutual.Other.Mutual: llm_test.mutual contains itself: write a schema for it"},
		{Loop{}, "llm_test.Loop: llm_test.Loop contains itself: write a schema for it"},
		{embedding{}, "llm_test.embedding: encoding/json cannot set the embedded pointer embeddingToo"},
		{wide3{}, "the type has more than 10000 types in it: write a schema for it"},
		{struct{ F func() }{}, "struct { F func() }.F: nothing in JSON is a func()"},
		{struct{ E error }{}, "struct { E error }.E: nothing in JSON is a error"},
		{map[string]chan int{}, "map[string]chan int: nothing in JSON is a chan int"},
		{map[float64]int{}, "map[float64]int: the keys of map[float64]int are not texts"},
		{struct{ D runtime.Decimal }{}, "struct { D runtime.Decimal }.D: runtime.Decimal has UnmarshalJSON, so that its schema is not known: write one"},
		{struct {
			B bool `enum:"true"`
		}{}, "a tag enum is for texts and numbers, and lists of them"},
		{struct {
			N int `enum:"1,x"`
		}{}, "a value of the tag enum is not of type integer"},
		{struct {
			N float64 `enum:""`
		}{}, "a value of the tag enum is not of type number"},
	} {
		schema, err := llm.SchemaOf(test.v)
		if err == nil || schema != nil || !strings.HasSuffix(err.Error(), test.want) {
			t.Errorf("SchemaOf(%T): %v, want %s", test.v, err, test.want)
		}
	}
	if schema, err := llm.SchemaOf((**map[string]int)(nil)); err != nil || schema["type"] != "object" {
		t.Errorf("a nil pointer to a pointer: %v, %v", schema, err)
	}
}

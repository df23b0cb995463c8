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
		Mood    mood             `json:"mood" enum:"good, bad" description:"Whether the customer is content."`
		Stars   int              `json:"stars,omitempty" enum:"1,2,3"`
		Tags    []mood           `json:"tags,omitzero" enum:"a,b"`
		Ratio   *float64         `json:"ratio"`
		When    time.Time        `json:"when"`
		Address netip.Addr       `json:"address"`
		Labels  map[string]bool  `json:"labels"`
		Numbers map[int][2]uint8 `json:"numbers"`
		Raw     json.RawMessage  `json:"raw"`
		Any     any              `json:"any"`
		Exact   json.Number      `json:"exact"`
		Bytes   []byte           `json:"bytes"`
		Quoted  uint64           `json:"quoted,string"`
		Grade   *string          `json:"grade" enum:"a,b"`
		Share   float64          `json:"share" enum:"0.5, 1"`
		Maybe   *int64           `json:"maybe,omitempty,string"`
		Lists   []*[]*int        `json:"lists" enum:"1,2"`
		// The option string counts for scalars alone.
		Texts    []string       `json:"texts,string"`  //nolint:staticcheck // on purpose
		Map      map[string]int `json:"map,string"`    //nolint:staticcheck // on purpose
		Later    *time.Time     `json:"later,string"`  //nolint:staticcheck // on purpose
		Hex      []byte         `json:"hex,string"`    //nolint:staticcheck // on purpose
		Inner    Inner          `json:"inner,string"`  //nolint:staticcheck // on purpose
		Either   any            `json:"either,string"` //nolint:staticcheck // on purpose
		Untagged string
		Ignored  func() `json:"-"`
		hidden   chan int
		base
		*Shared
		Named base `json:"named"`
		Dominant
	}
	Inner  struct{ A *Inner2 }
	Inner2 struct{ B int }
	// Dominant has fields of one name at one depth: a name in a tag counts more.
	Dominant struct {
		left
		right
	}
	left struct {
		Both  string `json:"Both"` // the other Both has no tag
		Drawn int
	}
	right struct {
		Both   int
		Drawn  string
		Single bool
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
  "Both": {"type": "string"},
  "Single": {"type": "boolean"},
  "bytes": {"contentEncoding": "base64", "type": "string"},
  "depth": {"description": "How deep.", "type": "string"},
  "either": {},
  "exact": {"type": "number"},
  "grade": {"enum": ["a", "b", null], "type": ["string", "null"]},
  "hex": {"contentEncoding": "base64", "type": "string"},
  "inner": {
   "additionalProperties": false,
   "properties": {"A": {
    "additionalProperties": false, "properties": {"B": {"type": "integer"}}, "required": ["B"], "type": ["object", "null"]
   }},
   "required": ["A"],
   "type": "object"
  },
  "labels": {"additionalProperties": {"type": "boolean"}, "type": "object"},
  "later": {"format": "date-time", "type": ["string", "null"]},
  "lists": {"items": {"items": {"enum": [1, 2, null], "type": ["integer", "null"]}, "type": ["array", "null"]}, "type": "array"},
  "map": {"additionalProperties": {"type": "integer"}, "type": "object"},
  "maybe": {"type": ["string", "null"]},
  "mood": {"description": "Whether the customer is content.", "enum": ["good", "bad"], "type": "string"},
  "named": {
   "additionalProperties": false,
   "properties": {"Common": {"type": "string"}, "Twice": {"type": "string"}},
   "required": ["Common", "Twice"],
   "type": "object"
  },
  "numbers": {"additionalProperties": {"items": {"minimum": 0, "type": "integer"}, "maxItems": 2, "minItems": 2, "type": "array"}, "type": "object"},
  "quoted": {"type": "string"},
  "ratio": {"type": ["number", "null"]},
  "raw": {},
  "share": {"enum": [0.5, 1], "type": "number"},
  "stars": {"enum": [1, 2, 3], "type": "integer"},
  "tags": {"items": {"enum": ["a", "b"], "type": "string"}, "type": "array"},
  "texts": {"items": {"type": "string"}, "type": "array"},
  "when": {"format": "date-time", "type": "string"}
 },
 "required": [
  "Both", "Common", "Single", "Untagged", "address", "any", "bytes", "depth", "either", "exact", "grade", "hex", "inner", "labels", "later", "lists",
  "map", "mood", "named", "numbers", "quoted", "ratio", "raw", "share", "texts", "when"
 ],
 "type": "object"
}`
	if diff := cmp.Diff(plain(t, []byte(want)), plain(t, got)); diff != "" {
		t.Errorf("schema (-want +got):\n%s", diff)
	}
	// encoding/json agrees about the names.
	encoded, err := json.Marshal(review{Shared: &Shared{}, Exact: "1", Raw: json.RawMessage(`1`), Stars: 1, Tags: []mood{}, Maybe: new(int64)})
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
		{netip.Addr{}, "a schema needs a struct or a map"},
		{struct{ netip.Addr }{}, "a schema needs a struct or a map"},
		{struct {
			A string `json:"a\"b"` //nolint:staticcheck // on purpose
		}{}, "encoding/json ignores the name in the tag of A: it has a quote, a backslash or a character that is not a letter"},
		{struct {
			A struct{ B int }
			C struct{ D func() }
		}{}, "}.C.D: nothing in JSON is a func()"},
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
		}{}, "a value of the tag enum is not of type int"},
		{struct {
			N int8 `enum:"300"`
		}{}, "a value of the tag enum is not of type int8"},
		{struct {
			N []*uint16 `enum:"1,-1"`
		}{}, "a value of the tag enum is not of type uint16"},
		{struct {
			N float32 `enum:"1e39"`
		}{}, "a value of the tag enum is not of type float32"},
		{struct {
			N float64 `enum:"NaN"`
		}{}, "a value of the tag enum is not of type float64"},
		{struct {
			T string `enum:"a, a"`
		}{}, "a value of the tag enum is there twice"},
		{struct {
			N float64 `enum:"1,1.0"`
		}{}, "a value of the tag enum is there twice"},
		{struct {
			N float64 `enum:""`
		}{}, "a value of the tag enum is not of type float64"},
	} {
		schema, err := llm.SchemaOf(test.v)
		if err == nil || schema != nil || !strings.HasSuffix(err.Error(), test.want) {
			t.Errorf("SchemaOf(%T): %v, want %s", test.v, err, test.want)
		}
	}
	if _, err := llm.SchemaOf(struct {
		A int `json:"größe.1/2 "`
	}{}); err != nil {
		t.Errorf("a name that encoding/json takes: %v", err)
	}
	if schema, err := llm.SchemaOf((**map[string]int)(nil)); err != nil || schema["type"] != "object" {
		t.Errorf("a nil pointer to a pointer: %v, %v", schema, err)
	}
}

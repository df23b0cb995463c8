package documents_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/documents"
)

type document struct {
	Text  string
	Image []byte
}

func TestReadList(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		list string
		want []document
		err  string
	}{
		{`[{"content":"a","content_type":"text"},{"content":"eA==","content_type":"image"},{"content":"","content_type":"image"}]`, []document{{Text: "a"}, {Image: []byte("x")}, {Image: []byte{}}}, ""},
		{`[]`, []document{}, ""},
		{`null`, nil, "the list of documents is missing"},
		{`[{"content":"a","content_type":"text"},"b"]`, nil, "document 2: a document must be an object"},
		{`[{"content":null,"content_type":"text"}]`, nil, "document 1: the content of a document must be a text"},
		{`[{"content":"?","content_type":"image"}]`, nil, "document 1: the content of a document of type image is not base64"},
		{`[{"content":"a","content_type":null}]`, nil, "document 1: the content_type of a document is neither text nor image"},
	} {
		var v any
		if err := json.Unmarshal([]byte(test.list), &v); err != nil {
			t.Fatal(err)
		}
		got, err := documents.ReadList[document](v)
		message := ""
		if err != nil {
			message = err.Error()
		}
		if diff := cmp.Diff(test.want, got); diff != "" || message != test.err {
			t.Errorf("%s: %s, want %s (-want +got):\n%s", test.list, message, test.err, diff)
		}
	}
}

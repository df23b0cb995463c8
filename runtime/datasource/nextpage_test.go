package datasource_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime/datasource"
)

// position is a next page of a drive.
type position struct {
	Token string `json:"token"`
	After int64  `json:"after,omitempty"`
}

// sendBack returns the request for the next page that a drive has set, as Dify makes it of the result.
func sendBack(tb testing.TB, result string) string {
	tb.Helper()
	var page struct {
		Result []struct {
			Next map[string]any `json:"next_page_parameters"`
		}
	}
	if err := json.Unmarshal([]byte(result), &page); err != nil {
		tb.Fatalf("%s: %v", result, err)
	}
	request, err := json.Marshal(map[string]any{"request": map[string]any{"next_page_parameters": page.Result[0].Next}})
	if err != nil {
		tb.Fatal(err)
	}
	return string(request)
}

// roundTrip sets a next page, and decodes it into the value that v points to.
func roundTrip(tb testing.TB, set, v any) error {
	tb.Helper()
	first := answer(tb, browse(func(_ datasource.BrowseRequest, out *datasource.BrowseOutput) error { return out.SetNextPage(set) }), `{"request":{}}`, 0)
	err := errors.New("the code has not run")
	answer(tb, browse(func(folder datasource.BrowseRequest, _ *datasource.BrowseOutput) error {
		err = folder.NextPage(v)
		return nil
	}), sendBack(tb, first), 0)
	return err
}

func TestNextPageRoundTrip(t *testing.T) {
	t.Parallel()
	set := position{"a\"<\u2028", math.MaxInt64}
	var got position
	if err := roundTrip(t, set, &got); err != nil || got != set {
		t.Errorf("%v, %v", got, err)
	}
	for _, v := range []any{true, false, "t", "\ufffd", `\ufffd`, json.Number("0"), []any{nil}, map[string]any{"id": json.Number("9223372036854775807"), "f": json.Number("1e400"), "x": nil}} {
		var got any
		if err := roundTrip(t, v, &got); err != nil {
			t.Errorf("%v: %v", v, err)
		} else if diff := cmp.Diff(v, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// TestNextPageForeign checks what a drive says of next pages that it has not set.
func TestNextPageForeign(t *testing.T) {
	t.Parallel()
	const start, end = "ValidationError: the request is for a next page that this plugin has not set: ", "; open the folder again"
	text := func(s string) string {
		data, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return `{"next_page":` + string(data) + `}`
	}
	for name, test := range map[string]struct{ next, want string }{
		"the first page":   {`null`, `{kept 1}`},
		"an empty object":  {`{}`, `{kept 1}`},
		"ours":             {text(`{"token":"t"}`), `{t 1}`},
		"null":             {text(" null"), start + "it holds nothing" + end},
		"nothing":          {text(`{}`), start + "it holds nothing" + end},
		"of the SDK":       {`{"page_token":"t"}`, start + "it has other values" + end},
		"more":             {`{"next_page":"{}","x":1}`, start + "it has other values" + end},
		"no text":          {`{"next_page":{"token":"t"}}`, start + "it has other values" + end},
		"null in the key":  {`{"next_page":null}`, start + "it has other values" + end},
		"empty":            {text(""), start + "it is not JSON" + end},
		"no JSON":          {text(`{"token":"sk-secret"`), start + "it is not JSON" + end},
		"more after it":    {text(`{} {}`), start + "it is not JSON" + end},
		"deep":             {text(strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)), start + "it is not JSON" + end},
		"too large":        {text(`"` + strings.Repeat("x", 64<<10) + `"`), start + "it is too large" + end},
		"another type":     {text(`["sk-secret"]`), start + "it has values of another type" + end},
		"an unknown field": {text(`{"token":"t","sk-secret":1}`), start + "it has a field that this plugin does not know" + end},
		"a wrong field":    {text(`{"token":123456}`), start + "token has the wrong type" + end},
		"a large number":   {text(`{"after":9223372036854775808}`), start + "after has the wrong type" + end},
	} {
		got := answer(t, browse(func(folder datasource.BrowseRequest, _ *datasource.BrowseOutput) error {
			p := position{"kept", 1}
			if err := folder.NextPage(&p); err != nil {
				return err
			}
			return fmt.Errorf("%v", p)
		}), `{"request":{"next_page_parameters":`+test.next+`}}`, 0)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestNextPageMistakes checks what authors can do wrong.
func TestNextPageMistakes(t *testing.T) {
	t.Parallel()
	var request datasource.BrowseRequest
	for _, v := range []any{nil, position{}, (*position)(nil)} {
		if err := request.NextPage(v); err == nil || err.Error() != "NextPage needs a non-nil pointer" {
			t.Errorf("%T: %v", v, err)
		}
	}
	var out datasource.BrowseOutput
	if err := out.SetNextPage(strings.Repeat("x", 64<<10-2)); err != nil {
		t.Error(err)
	}
	if err := out.SetNextPage(strings.Repeat("x", 64<<10-1)); !errors.Is(err, datasource.ErrTooLarge) || err.Error() != "a next page of 65537 bytes is too large: it may have 65536" {
		t.Errorf("a large page: %v", err)
	}
	type hidden struct{ token string }
	for _, v := range []any{nil, (*position)(nil), hidden{"t"}, &hidden{"t"}, map[string]any{}, []string(nil), []string{}, ""} {
		if err := out.SetNextPage(v); err == nil || !strings.HasSuffix(err.Error(), "in JSON holds nothing, and users would get the first page again: export the fields of its type, and set none for the last page") {
			t.Errorf("%T: %v", v, err)
		}
	}
	for _, v := range []any{"\xff", position{Token: "a\xffb"}, map[string]int{"\xff": 1}, json.RawMessage("\"\xff\"")} {
		if err := out.SetNextPage(v); err == nil || err.Error() != "next page: the value has a text that is not UTF-8" {
			t.Errorf("%T: %v", v, err)
		}
	}
	if err := out.SetNextPage(func() {}); err == nil || err.Error() != "next page: json: unsupported type: func()" {
		t.Errorf("a function: %v", err)
	}
}

// FuzzNextPage checks that any next page is either an error or a value, and that any value which is set
// comes back as it is.
func FuzzNextPage(f *testing.F) {
	for _, seed := range []string{
		`null`, `{}`, `{"next_page":"{\"token\":\"t\",\"after\":9223372036854775807}"}`, `{"next_page":"[1e400,-0,9007199254740993]"}`, `{"next_page":1}`,
		`{"next_page":"{}","a":"b"}`, `[{"a":[null,true,"\ud800"]}]`, `"\u2028<"`, `123456789012345678901234567890.5e-7`, `1e700`, `{"":{"":""},"a":1,"a":2}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		var value any
		if d.Decode(&value) != nil {
			return
		}
		data, err := json.Marshal(value)
		if err != nil || len(data) > 10_000 {
			return
		}
		request := `{"request":{"next_page_parameters":` + string(data) + `}}`
		if json.Unmarshal([]byte(request), new(any)) != nil { // such as 1e400, which the host sends in texts alone
			request = `{"request":{}}`
		}
		answer(t, browse(func(folder datasource.BrowseRequest, _ *datasource.BrowseOutput) error {
			var value any
			var p position
			anyErr := folder.NextPage(&value)
			if err := folder.NextPage(&p); err == nil && anyErr != nil {
				t.Errorf("a next page is one for a type, but not for any: %v", anyErr)
			}
			return nil
		}), request, 0)

		if slices.Contains([]string{`null`, `{}`, `[]`, `""`}, string(data)) {
			return // SetNextPage refuses it
		}
		var got any
		if err := roundTrip(t, value, &got); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(got)
		if err != nil || !bytes.Equal(data, again) {
			t.Errorf("%s has become %s: %v", data, again, err)
		}
	})
}

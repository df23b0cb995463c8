package datasource

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/difygen/difygen/runtime"
)

const (
	// nextPageKey is the key of next_page_parameters that has the next page, as JSON in a text: the
	// host decodes numbers as float64.
	nextPageKey = "next_page"
	// maxNextPage is how large it may be, in bytes.
	maxNextPage = 64 << 10
)

// SetNextPage says that there are more, and what the request for them gets with
// [BrowseRequest.NextPage]: any value that encoding/json can encode, in at most 64 KiB, else the error
// matches [ErrTooLarge]. Texts in it must be UTF-8. It must hold something, so it is neither nil nor a
// struct without exported fields, and something else than what this request has: else users would get
// the same pages without end.
func (o *BrowseOutput) SetNextPage(v any) error {
	if o == nil {
		return errNoRequest
	}
	data, err := marshalExactly(v)
	if err != nil {
		return fmt.Errorf("next page: %w", err)
	}
	text := string(data)
	switch {
	case holdsNothing(text):
		return fmt.Errorf("a next page that is %s in JSON holds nothing, and users would get the first page again: export the fields of its type, and set none for the last page", text)
	case len(text) > maxNextPage:
		return fmt.Errorf("a next page of %d bytes is %w: it may have %d", len(text), ErrTooLarge, maxNextPage)
	}
	o.next = map[string]any{nextPageKey: text}
	return nil
}

// holdsNothing reports whether a next page, in JSON, is like that of the first request.
func holdsNothing(text string) bool {
	return slices.Contains([]string{"null", "{}", "[]", `""`}, strings.TrimSpace(text))
}

// NextPage decodes what the page before this one has set with [BrowseOutput.SetNextPage] into the value
// that v points to, like encoding/json; a number in a value of type any is a json.Number, so that none
// loses digits. It leaves the value as it is for the first page.
//
// The user's browser keeps it, and nothing protects it: treat it as what a user has entered. If it is
// not what SetNextPage can have set for a value of that type, such as one with fields that the type does
// not have, NextPage returns an error for users to read.
func (r BrowseRequest) NextPage(v any) error {
	if p := reflect.ValueOf(v); p.Kind() != reflect.Pointer || p.IsNil() {
		return errors.New("NextPage needs a non-nil pointer")
	}
	if len(r.next) == 0 { // Dify sends an empty object for the first page
		return nil
	}
	text, ok := r.next[nextPageKey].(string)
	switch {
	case !ok || len(r.next) > 1:
		return foreignPage("it has other values")
	case len(text) > maxNextPage:
		return foreignPage("it is too large")
	case !json.Valid([]byte(text)):
		return foreignPage("it is not JSON")
	case holdsNothing(text):
		return foreignPage("it holds nothing")
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	d.DisallowUnknownFields()
	err := d.Decode(v)
	var wrongType *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return foreignPage(wrongType.Field + " has the wrong type")
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		return foreignPage("it has a field that this plugin does not know")
	}
	return foreignPage("it has values of another type")
}

// foreignPage returns the error of a next page that another plugin, an older one, or a user has made. It
// does not quote it.
func foreignPage(why string) error {
	return &runtime.Error{
		Type: runtime.ErrorInvalidRequest,
		Err:  fmt.Errorf("the request is for a next page that this plugin has not set: %s; open the folder again", why),
	}
}

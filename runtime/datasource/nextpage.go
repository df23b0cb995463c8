package datasource

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
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
// [BrowseRequest.NextPage]: any value that encoding/json can encode, in at most 64 KiB. Texts in it must
// be UTF-8.
func (o *BrowseOutput) SetNextPage(v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("next page: %w", err)
	}
	text := strings.TrimSuffix(b.String(), "\n")
	if len(text) > maxNextPage {
		return fmt.Errorf("a next page of %d bytes is too large: it may have %d", len(text), maxNextPage)
	}
	o.next = map[string]any{nextPageKey: text}
	return nil
}

// NextPage decodes what the page before this one has set with [BrowseOutput.SetNextPage] into the value
// that v points to, like encoding/json; a number in a value of type any is a json.Number, so that none
// loses digits. It leaves the value as it is for the first page.
//
// The user's browser keeps it, and nothing protects it: treat it as what a user has entered. If it is
// not what SetNextPage can have set for a value of that type, such as one with fields that the type does
// not have, NextPage returns an error for users to read.
func (r *BrowseRequest) NextPage(v any) error {
	if p := reflect.ValueOf(v); p.Kind() != reflect.Pointer || p.IsNil() {
		return errors.New("NextPage wants a pointer that is not nil")
	}
	if len(r.next) == 0 {
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

package authcode_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/authcode"
)

// holder holds token responses in the ways in which values hold others.
type holder struct {
	Response authcode.TokenResponse
	hidden   authcode.TokenResponse
	Pointer  *authcode.TokenResponse
	list     []authcode.TokenResponse
	byName   map[string]any
}

// TestPrinters checks that nothing that prints, logs, compares or encodes a token response
// shows a token, however it is nested.
func TestPrinters(t *testing.T) {
	t.Parallel()
	var r authcode.TokenResponse
	c := respond(t, `{"access_token":"s3cret-1","refresh_token":"s3cret-2","id_token":"s3cret-3","user":{"token":"s3cret-4","list":["s3cret-5"]},"s3cret-key":1}`)
	c.Accept = func(_ context.Context, _ client, response authcode.TokenResponse, _ *runtime.OAuthResult[creds]) error {
		r = response
		return nil
	}
	_, back := authorize(t, c)
	if _, err := exchange(t, c, back); err != nil {
		t.Fatal(err)
	}
	if r.AccessToken.Reveal() != "s3cret-1" || r.Value("user", "token") != "s3cret-4" || r.Value("user", "none", "x") != nil || r.Value("user", "list", "0") != nil {
		t.Fatalf("the response has not what it should: %v", r.Value("user"))
	}
	h := holder{r, r, &r, []authcode.TokenResponse{r}, map[string]any{"r": r, "p": &r}}
	for _, v := range []any{r, &r, h, &h, []any{h}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
			noSecret(t, verb, fmt.Sprintf(verb, v))
		}
		var log bytes.Buffer
		for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
			slog.New(handler).Info("x", "v", v, slog.Group("g", "v", v))
		}
		noSecret(t, "slog", log.String())
		encoded, err := json.Marshal(v)
		if err != nil {
			t.Error(err)
		}
		noSecret(t, "json", string(encoded))
		var walked strings.Builder
		walk(&walked, reflect.ValueOf(v), 0)
		noSecret(t, "reflect", walked.String())
	}
	all := cmp.Exporter(func(reflect.Type) bool { return true })
	noSecret(t, "go-cmp", cmp.Diff(h, holder{}, all)+cmp.Diff(r, authcode.TokenResponse{}, all))
}

func noSecret(t *testing.T, how, text string) {
	t.Helper()
	if strings.Contains(text, "s3cret") {
		t.Errorf("%s shows a token: %s", how, text)
	}
}

// walk writes all texts and bytes in a value, as printers do that follow every pointer and
// field.
func walk(b *strings.Builder, v reflect.Value, depth int) {
	if depth > 20 {
		return
	}
	switch v.Kind() {
	case reflect.String:
		b.WriteString(v.String() + "\n")
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			walk(b, v.Elem(), depth+1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			walk(b, v.Field(i), depth+1)
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			fmt.Fprintf(b, "%s\n", v.Bytes())
			return
		}
		for i := range v.Len() {
			walk(b, v.Index(i), depth+1)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			walk(b, key, depth+1)
			walk(b, v.MapIndex(key), depth+1)
		}
	default:
	}
}

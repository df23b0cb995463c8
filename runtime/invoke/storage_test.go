package invoke_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/runtime/invoke"
)

func TestStorage(t *testing.T) {
	for _, test := range []struct {
		name string
		call func(context.Context, invoke.Storage) (any, error)
		want string // the request
		send answer
		get  any
	}{
		{
			"set",
			func(ctx context.Context, s invoke.Storage) (any, error) {
				return nil, s.Set(ctx, "a/b c:ü", []byte("hi"))
			},
			`{"opt":"set","key":"a/b c:ü","value":"6869"}`, reply(`{"data":"ok"}`), nil,
		},
		{
			"set nothing",
			func(ctx context.Context, s invoke.Storage) (any, error) { return nil, s.Set(ctx, "k", nil) },
			`{"opt":"set","key":"k","value":""}`, reply(`{"data":"ok"}`), nil,
		},
		{
			"get",
			func(ctx context.Context, s invoke.Storage) (any, error) { return s.Get(ctx, "k") },
			`{"opt":"get","key":"k"}`, reply(`{"data":"6869"}`), []byte("hi"),
		},
		{
			"get nothing",
			func(ctx context.Context, s invoke.Storage) (any, error) { return s.Get(ctx, "k") },
			`{"opt":"get","key":"k"}`, reply(`{"data":""}`), []byte{},
		},
		{
			"delete",
			func(ctx context.Context, s invoke.Storage) (any, error) { return nil, s.Delete(ctx, "k") },
			`{"opt":"del","key":"k"}`, reply(`{"data":"ok","deleted_num":0}`), nil,
		},
		{
			"exists",
			func(ctx context.Context, s invoke.Storage) (any, error) { return s.Exists(ctx, "k") },
			`{"opt":"exist","key":"k"}`, reply(`{"data":true,"exist_num":1}`), true,
		},
		{
			"does not exist",
			func(ctx context.Context, s invoke.Storage) (any, error) { return s.Exists(ctx, "k") },
			`{"opt":"exist","key":"k"}`, reply(`{"data":false,"exist_num":0}`), false,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSession(t, func(typ string, request json.RawMessage) ([]json.RawMessage, error) {
				if typ != "storage" || string(request) != test.want {
					t.Errorf("call of type %s: %s, want %s", typ, request, test.want)
				}
				return test.send(typ, request)
			}).Storage()
			got, err := test.call(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.get, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestStorageErrors(t *testing.T) {
	get := func(ctx context.Context, s invoke.Storage) error { _, err := s.Get(ctx, "k"); return err }
	set := func(ctx context.Context, s invoke.Storage) error { return s.Set(ctx, "k", []byte("secret")) }
	exists := func(ctx context.Context, s invoke.Storage) error { _, err := s.Exists(ctx, "k"); return err }
	other := errors.New("another error")
	for _, test := range []struct {
		name string
		call func(context.Context, invoke.Storage) error
		send answer
		is   error  // what the error matches, if anything
		text string // of Dify; "" if it is no *Error
		want string
	}{
		{
			"not found", get, refusal("load data failed, please check if the key is correct or you have not set it"),
			invoke.ErrNotFound, "load data failed, please check if the key is correct or you have not set it",
			"the storage of Dify has no value for this key",
		},
		{
			"full", set, refusal("save data failed: allocated size is greater than max storage size"),
			invoke.ErrStorageFull, "save data failed: allocated size is greater than max storage size",
			"the storage of Dify is full: it has kept the value, but does not count it",
		},
		{
			"not permitted", set, refusal("permission denied, you need to enable storage access in plugin manifest"),
			invoke.ErrPermission, "permission denied, you need to enable storage access in plugin manifest",
			"manifest.yaml does not permit this call: it needs resource.permission.storage.enabled",
		},
		{"another text", get, refusal("persistence not found"), nil, "persistence not found", "persistence not found"},
		{
			"another error", get, func(string, json.RawMessage) ([]json.RawMessage, error) { return nil, other },
			other, "", "another error",
		},
		{"no reply", set, reply(), nil, "", "no reply of Dify to a call of type storage"},
		{"not hexadecimal", get, reply(`{"data":"sex"}`), nil, "", "data in the reply of Dify to a call of type storage is not hexadecimal"},
		{"no value", get, reply(`{}`), nil, "", "data is missing in the reply of Dify to a call of type storage"},
		{"no answer", exists, reply(`{"exist_num":1}`), nil, "", "data is missing in the reply of Dify to a call of type storage"},
		{"not ok", set, reply(`{"data":"no"}`), nil, "", `the storage of Dify has not confirmed the operation "set"`},
		{"wrong type", get, reply(`{"data":["secret"]}`), nil, "", "data in the reply of Dify to a call of type storage has the wrong type"},
		{"no object", get, reply(`"secret"`), nil, "", "the reply of Dify to a call of type storage is not as expected"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := test.call(t.Context(), newSession(t, test.send).Storage())
			if err == nil || err.Error() != test.want {
				t.Errorf("error %v, want %s", err, test.want)
			}
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%v does not match %v", err, test.is)
			}
			var refusal *invoke.Error
			if errors.As(err, &refusal) != (test.text != "") {
				t.Fatalf("%v is an *Error: %t", err, refusal != nil)
			}
			if refusal != nil && refusal.Message != test.text {
				t.Errorf("text %q, want %q", refusal.Message, test.text)
			}
		})
	}
}

// Deleting a missing value fails with the text of what Dify stores values with.
func TestDeleteAsksWhetherTheKeyExists(t *testing.T) {
	for _, test := range []struct {
		name   string
		text   string
		exists answer
		want   error // nil for Dify's own
		calls  int
	}{
		{"missing on a disk", "delete data failed: stat /data/x: no such file or directory", reply(`{"data":false}`), invoke.ErrNotFound, 2},
		{"missing in S3", "delete data failed: NotFound: Not Found", reply(`{"data":false}`), invoke.ErrNotFound, 2},
		{"not missing", "delete data failed: disk is on fire", reply(`{"data":true}`), nil, 2},
		{"unknown", "delete data failed: disk is on fire", refusal("exist data failed: disk is on fire"), nil, 2},
		{"not permitted", "permission denied, you need to enable storage access in plugin manifest", nil, invoke.ErrPermission, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			calls := 0
			s := newSession(t, func(typ string, request json.RawMessage) ([]json.RawMessage, error) {
				calls++
				if strings.Contains(string(request), "exist") {
					return test.exists(typ, request)
				}
				return nil, refuse(test.text)
			}).Storage()
			err := s.Delete(t.Context(), "k")
			var refusal *invoke.Error
			if !errors.As(err, &refusal) || refusal.Message != test.text {
				t.Errorf("error %v, want one with the text %q", err, test.text)
			}
			if test.want != nil && !errors.Is(err, test.want) || test.want == nil && errors.Is(err, invoke.ErrNotFound) {
				t.Errorf("error %v, want %v", err, test.want)
			}
			if calls != test.calls {
				t.Errorf("%d calls, want %d", calls, test.calls)
			}
		})
	}
}

func TestKeysAreChecked(t *testing.T) {
	s := newSession(t, reply(`{"data":"ok"}`)).Storage()
	for _, key := range []string{"k", "a/b/c", "a b", "ü", strings.Repeat("k", 256), ".hidden", "a.b", "a:b*?", " "} {
		if err := s.Set(t.Context(), key, nil); err != nil {
			t.Errorf("%q: %v", key, err)
		}
	}
	none := newSession(t, func(string, json.RawMessage) ([]json.RawMessage, error) {
		t.Error("a wrong key has been sent")
		return nil, nil
	}).Storage()
	for key, want := range map[string]string{
		"":                       "the key for Dify's storage must not be empty",
		strings.Repeat("ü", 129): "the key for Dify's storage has 258 bytes, but may have 256",
		"../secret":              `the key for Dify's storage must not contain ".."`,
		"a..b":                   `the key for Dify's storage must not contain ".."`,
		"a//b":                   `the key for Dify's storage must not contain "//"`,
		`a\b`:                    `the key for Dify's storage must contain neither "\" nor a zero byte`,
		"a\x00":                  `the key for Dify's storage must contain neither "\" nor a zero byte`,
		"\xff":                   "the key for Dify's storage must be UTF-8",
		"/a":                     `the key for Dify's storage must be names with slashes between them, without "."`,
		"a/":                     `the key for Dify's storage must be names with slashes between them, without "."`,
		"a/./b":                  `the key for Dify's storage must be names with slashes between them, without "."`,
		".":                      `the key for Dify's storage must be names with slashes between them, without "."`,
	} {
		_, getErr := none.Get(t.Context(), key)
		_, existsErr := none.Exists(t.Context(), key)
		for _, err := range []error{none.Set(t.Context(), key, nil), getErr, none.Delete(t.Context(), key), existsErr} {
			var keyErr *invoke.KeyError
			if !errors.As(err, &keyErr) || err.Error() != want {
				t.Errorf("%q: error %v, want %s", key, err, want)
			}
		}
	}
}

func TestValueTooLargeForTheTransport(t *testing.T) {
	const limit = 5 << 20
	caller := newCaller(t, reply(`{"data":"ok"}`))
	caller.limit = limit
	s := caller.session().Storage()
	if err := s.Set(t.Context(), "k", make([]byte, 2_620_000)); err != nil {
		t.Error(err)
	}
	err := s.Set(t.Context(), "k", make([]byte, limit/2))
	want := &invoke.TooLargeError{Size: limit + len(`{"opt":"set","key":"k","value":""}`), Limit: limit}
	var got *invoke.TooLargeError
	if !errors.As(err, &got) {
		t.Fatalf("error %v, want a TooLargeError", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	// It is found before the value is encoded.
	value := make([]byte, limit)
	if n := testing.AllocsPerRun(10, func() { _ = s.Set(t.Context(), "k", value) }); n > 2 {
		t.Errorf("%v allocations", n)
	}
}

func TestPermissions(t *testing.T) {
	for word, permission := range map[string]string{
		"tool": "resource.permission.tool.enabled", "llm": "resource.permission.model.llm", "text-embedding": "resource.permission.model.text_embedding",
		"rerank": "resource.permission.model.rerank", "tts": "resource.permission.model.tts", "speech2text": "resource.permission.model.speech2text",
		"moderation": "resource.permission.model.moderation", "node": "resource.permission.node.enabled", "app": "resource.permission.app.enabled",
		"storage": "resource.permission.storage.enabled", "a new": "a new",
	} {
		text := fmt.Sprintf("permission denied, you need to enable %s access in plugin manifest", word)
		err := newSession(t, refusal(text)).Storage().Set(t.Context(), "k", nil)
		var got *invoke.PermissionError
		if !errors.As(err, &got) || got.Permission != permission {
			t.Errorf("error %v, want one for %s", err, permission)
		}
		want := "manifest.yaml does not permit this call: it needs " + permission
		if strings.Contains(permission, ".model.") {
			want += ", and resource.permission.model.enabled"
		}
		if err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func ExampleStorage_Get() {
	remember := func(ctx context.Context, storage invoke.Storage) error {
		count, err := storage.Get(ctx, "count")
		if errors.Is(err, invoke.ErrNotFound) {
			count, err = []byte("0"), nil
		}
		if err != nil {
			return err
		}
		return storage.Set(ctx, "count", append(count, '1'))
	}
	fmt.Println(remember(context.Background(), invoke.Storage{}))
	// Output: no call back into Dify: the context is not that of a request
}

var _ callback.Caller = (*fakeCaller)(nil)

func TestValueTooLargeForDify(t *testing.T) {
	s := newSession(t, func(string, json.RawMessage) ([]json.RawMessage, error) {
		t.Error("it is sent")
		return nil, nil
	}).Storage()
	err := s.Set(t.Context(), "k", make([]byte, 100<<20+1))
	const want = "a value of 104857601 bytes is too large for Dify's storage, which takes 104857600 for all of a plugin's"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

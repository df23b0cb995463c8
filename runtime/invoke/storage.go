package invoke

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"
)

// Storage is what Dify keeps for the plugin in a workspace: values by key. All versions of the
// plugin and all users of the workspace share it. Values do not expire. Keys cannot be
// listed, and values cannot be locked: if two calls change a value at the same time, one change is
// lost. It needs the permission storage.enabled, and storage.size says how much it takes.
//
// A key has 1 to 256 bytes of UTF-8. It is a path, such as "oauth/state": names with slashes
// between them, without "." and "..". Dify may keep values as files, so do not use both a and a/b. A
// key that Dify would refuse, or take for another one, is a *KeyError.
type Storage struct{ service service }

// Storage returns the service.
func (s Session) Storage() Storage { return Storage{s.service()} }

const (
	// maxKey is how many bytes a key may have: Dify counts bytes, although it says characters.
	maxKey = 256
	// maxValue is how many bytes Dify stores for a plugin at most, whatever storage.size says.
	maxValue = 100 << 20
)

// KeyError is the error of a key that Dify's storage cannot have. Nothing has been sent.
type KeyError struct{ Reason string }

// Error says what is wrong with the key, which it does not quote.
func (e *KeyError) Error() string { return "the key for Dify's storage " + e.Reason }

type wireStorage struct {
	Operation string  `json:"opt"`
	Key       string  `json:"key"`
	Value     *string `json:"value,omitempty"` // hexadecimal
}

// Set stores a value, which may be empty. It replaces the value before it.
//
// On the wire, a byte takes two. So a value has at most 2,620,000 bytes if the plugin runs as a
// process of Dify, and 3,144,000 in serverless mode; over TCP there is no limit but that of Dify, 100
// MiB. A larger one is a *TooLargeError or, over TCP, an error that says so. Get cannot return one of more than 15 MiB. If the values of the plugin take more
// space than the manifest permits, the error is ErrStorageFull.
func (s Storage) Set(ctx context.Context, key string, value []byte) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if err := s.service.fits(len(`{"opt":"set","key":"","value":""}`) + len(key) + hex.EncodedLen(len(value))); err != nil {
		return err
	}
	if len(value) > maxValue {
		return fmt.Errorf("a value of %d bytes is too large for Dify's storage, which takes %d for all of a plugin's", len(value), maxValue)
	}
	text := hex.EncodeToString(value)
	return s.done(ctx, wireStorage{"set", key, &text})
}

// Get returns the value of a key. If there is none, the error is ErrNotFound.
func (s Storage) Get(ctx context.Context, key string) ([]byte, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	var reply struct {
		Data *string `json:"data"` // hexadecimal
	}
	if err := s.service.one(ctx, typeStorage, wireStorage{"get", key, nil}, &reply); err != nil {
		return nil, err
	}
	data, err := present(typeStorage, "data", reply.Data)
	if err != nil {
		return nil, err
	}
	value, err := hex.DecodeString(data)
	if err != nil {
		return nil, errors.New("data in the reply of Dify to a call of type storage is not hexadecimal")
	}
	return value, nil
}

// Delete deletes a value. If there is none, the error is ErrNotFound.
func (s Storage) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	err := s.done(ctx, wireStorage{"del", key, nil})
	var refusal *Error
	if !errors.As(err, &refusal) || !strings.HasPrefix(refusal.Message, prefixDelete) {
		return err
	}
	// The text is that of what Dify stores values with: a disk, S3, Redis … So ask.
	if exists, existsErr := s.Exists(ctx, key); existsErr == nil && !exists {
		return &knownError{ErrNotFound, refusal}
	}
	return err
}

// Exists reports whether there is a value for a key.
func (s Storage) Exists(ctx context.Context, key string) (bool, error) {
	if err := checkKey(key); err != nil {
		return false, err
	}
	var reply struct {
		Data *bool `json:"data"`
	}
	if err := s.service.one(ctx, typeStorage, wireStorage{"exist", key, nil}, &reply); err != nil {
		return false, err
	}
	return present(typeStorage, "data", reply.Data)
}

// done makes a call that Dify answers with "ok".
func (s Storage) done(ctx context.Context, w wireStorage) error {
	var reply struct {
		Data string `json:"data"`
	}
	if err := s.service.one(ctx, typeStorage, w, &reply); err != nil {
		return err
	}
	if reply.Data != "ok" {
		return fmt.Errorf("the storage of Dify has not confirmed the operation %q", w.Operation)
	}
	return nil
}

// checkKey checks a key by the rules of the host, which refuses "..", "//" and "\" after it has
// shortened the path. It shortens paths for what it stores, but not for its cache, so a key that can
// be shortened would be two.
func checkKey(key string) error {
	switch {
	case key == "":
		return &KeyError{"must not be empty"}
	case len(key) > maxKey:
		return &KeyError{fmt.Sprintf("has %d bytes, but may have %d", len(key), maxKey)}
	case !utf8.ValidString(key):
		return &KeyError{"must be UTF-8"}
	case strings.Contains(key, ".."):
		return &KeyError{`must not contain ".."`}
	case strings.Contains(key, "//"):
		return &KeyError{`must not contain "//"`}
	case strings.ContainsAny(key, "\\\x00"):
		return &KeyError{`must contain neither "\" nor a zero byte`}
	case strings.HasPrefix(key, "/"), path.Clean(key) != key, key == ".":
		return &KeyError{`must be names with slashes between them, without "."`}
	}
	return nil
}

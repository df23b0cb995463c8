package invoke

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/difygen/difygen/internal/callback"
)

// Errors that Dify's texts stand for. An error that matches one of them also is an *Error, which
// has the text.
var (
	// ErrNotFound: the storage has no value for the key. Dify says the same if it could not read
	// its storage.
	ErrNotFound = errors.New("the storage of Dify has no value for this key")
	// ErrStorageFull: the values of the plugin have more bytes than the manifest permits
	// (resource.permission.storage.size), or than Dify allows at all (100 MiB by default).
	//
	// Dify checks this after it has stored the value: the new one is there all the same, and not
	// counted. For up to five minutes, Get may still return the value before it. Set neither
	// deletes the value nor tries again, since both would change what Dify counts.
	ErrStorageFull = errors.New("the storage of Dify is full: it has kept the value, but does not count it")
	// ErrPermission: manifest.yaml does not permit the call. The error is a *PermissionError.
	ErrPermission = errors.New("manifest.yaml does not permit this call")
)

// PermissionError is the error of a call that manifest.yaml does not permit. It matches
// ErrPermission and wraps the *Error of Dify.
type PermissionError struct {
	// Permission is the one that is missing: its key in manifest.yaml, such as
	// resource.permission.storage.enabled. If it is about models, such as
	// resource.permission.model.llm, that may also be resource.permission.model.enabled, which all
	// of these need. A word of Dify that difygen does not know is as Dify says it.
	Permission string
	refusal    *Error
}

// Error says which permission is missing.
func (e *PermissionError) Error() string {
	text := fmt.Sprintf("%v: it needs %s", ErrPermission, e.Permission)
	if strings.HasPrefix(e.Permission, modelPermissions) {
		text += ", and " + modelPermissions + "enabled"
	}
	return text
}

// Unwrap returns ErrPermission and Dify's error.
func (e *PermissionError) Unwrap() []error { return []error{ErrPermission, e.refusal} }

// modelPermissions is what the keys of permissions for models begin with.
const modelPermissions = "resource.permission.model."

// permissionKeys has the keys of permissions in manifest.yaml, by the words of Dify
// (PROTOCOL-CALLS 8).
var permissionKeys = map[string]string{
	"llm": modelPermissions + "llm", "text-embedding": modelPermissions + "text_embedding", "rerank": modelPermissions + "rerank",
	"tts": modelPermissions + "tts", "speech2text": modelPermissions + "speech2text", "moderation": modelPermissions + "moderation",
	"tool": "resource.permission.tool.enabled", "app": "resource.permission.app.enabled",
	"node": "resource.permission.node.enabled", "storage": "resource.permission.storage.enabled",
}

// knownError is an error of Dify whose meaning is known.
type knownError struct {
	meaning error
	refusal *Error
}

func (e *knownError) Error() string   { return e.meaning.Error() }
func (e *knownError) Unwrap() []error { return []error{e.meaning, e.refusal} }

// The texts of Dify, which sends nothing else with an error (PROTOCOL-CALLS 8).
const (
	permissionPrefix = "permission denied, you need to enable "
	permissionSuffix = " access in plugin manifest"
	textNotFound     = "load data failed, please check if the key is correct or you have not set it"
	textStorageFull  = "allocated size is greater than max storage size"
	prefixDelete     = "delete data failed: "
)

// meaning returns err as an error that tells what Dify's text means, if that is known.
func meaning(err error) error {
	var refusal *callback.Error
	if !errors.As(err, &refusal) {
		return err
	}
	text := refusal.Message
	if rest, ok := strings.CutPrefix(text, permissionPrefix); ok {
		if permission, ok := strings.CutSuffix(rest, permissionSuffix); ok {
			return &PermissionError{cmp.Or(permissionKeys[permission], permission), refusal}
		}
	}
	switch {
	case refusal.Type != typeStorage:
	case text == textNotFound:
		return &knownError{ErrNotFound, refusal}
	case strings.HasSuffix(text, textStorageFull):
		return &knownError{ErrStorageFull, refusal}
	}
	return err
}

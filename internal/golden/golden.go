// Package golden compares the output of tests with golden files.
//
//	DIFYGEN_UPDATE=1 go test ./...
//
// rewrites the files instead. Read the diff before you commit it.
package golden

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const updateEnv = "DIFYGEN_UPDATE"

// Update reports whether tests should rewrite golden files.
func Update() bool { return os.Getenv(updateEnv) != "" }

// Check compares got with a golden file. If got is nil, the file must not exist.
func Check(t *testing.T, file string, got []byte) {
	t.Helper()
	want, err := os.ReadFile(file)
	missing := errors.Is(err, fs.ErrNotExist)
	switch {
	case err != nil && !missing:
		t.Fatal(err)
	case missing == (got == nil) && bytes.Equal(want, got):
		return
	case Update():
		rewrite(t, file, got)
	case missing:
		t.Errorf("%s is missing; %s=1 go test ./... writes it:\n%s", file, updateEnv, got)
	case got == nil:
		t.Errorf("%s must not exist; %s=1 go test ./... removes it", file, updateEnv)
	default:
		t.Errorf("%s (-want +got; %s=1 go test ./... rewrites it):\n%s", file, updateEnv, cmp.Diff(string(want), string(got)))
	}
}

func rewrite(t *testing.T, file string, got []byte) {
	t.Helper()
	var err error
	if got == nil {
		err = os.Remove(file)
	} else {
		err = os.WriteFile(file, got, 0o644) //nolint:gosec // a source file
	}
	if err != nil {
		t.Fatal(err)
	}
}

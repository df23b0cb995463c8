// Package golden compares what tests produce with files of testdata. Every test
// package imports it, so that "go test ./... -update" rewrites the files.
package golden

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Update is set by the flag -update.
var Update = flag.Bool("update", false, "rewrite golden files instead of comparing with them")

// Check compares got with a file, which must not exist if got is nil.
func Check(t *testing.T, file string, got []byte) {
	t.Helper()
	if *Update {
		rewrite(t, file, got)
		return
	}
	want, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if got != nil {
			t.Errorf("%s is missing; go test ./... -update writes it:\n%s", file, got)
		}
	case err != nil:
		t.Fatal(err)
	case got == nil:
		t.Errorf("%s must not be there", file)
	case !bytes.Equal(want, got):
		t.Errorf("%s (-want +got):\n%s", file, cmp.Diff(string(want), string(got)))
	}
}

func rewrite(t *testing.T, file string, got []byte) {
	t.Helper()
	if got == nil {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		return
	}
	if err := os.WriteFile(file, got, 0o644); err != nil { //nolint:gosec // a source file
		t.Fatal(err)
	}
}

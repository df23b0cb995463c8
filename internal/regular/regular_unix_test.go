//go:build unix

package regular_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/difygen/difygen/internal/regular"
)

// TestReadIrregular checks that neither FIFOs nor devices are read, nor links to them. A FIFO
// without a writer would block the test.
func TestReadIrregular(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{"tofifo": "fifo", "todevice": "/dev/zero"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for what, read := range readers(t, dir) {
		for _, name := range []string{"fifo", "tofifo"} {
			if _, err := read(name); err == nil || err.Error() != "is not a regular file" {
				t.Errorf("%s of %s: got %v", what, name, err)
			}
		}
	}
	if _, err := regular.ReadFile(filepath.Join(dir, "todevice"), regular.MaxSize); err == nil || err.Error() != "is not a regular file" {
		t.Errorf("a device: got %v", err)
	}
	// Opened without looking first, as if it were swapped.
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	f, err := regular.FS(root).Open("fifo")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

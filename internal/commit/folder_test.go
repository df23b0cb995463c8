package commit_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/commit"
)

// Environment variables of the process that TestKilled starts.
const (
	killDir = "DIFYGEN_TEST_KILL_DIR"
	killAt  = "DIFYGEN_TEST_KILL_AT"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(killDir); dir != "" {
		if err := beKilled(dir, os.Getenv(killAt)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// wanted are the changes of TestKilled, in order.
var wanted = []string{"changed", "2", "new", "3", "other", "4", "gone", ""}

// beKilled makes the wanted changes in a folder, and kills this process before one of the
// steps.
func beKilled(dir, at string) error {
	step, err := strconv.Atoi(at)
	if err != nil {
		return err
	}
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		return err
	}
	var changes []commit.Change
	for i := 0; i < len(wanted); i += 2 {
		var content []byte
		if wanted[i+1] != "" {
			content = []byte(wanted[i+1])
		}
		c, _, err := commit.Compare(filepath.Join(dir, wanted[i]), wanted[i], content)
		if err != nil {
			return err
		}
		changes = append(changes, c)
	}
	f, err := commit.Open(context.Background(), dir)
	if err != nil {
		return err
	}
	f.Before(func(string) {
		if step--; step < 0 {
			_ = self.Kill()
			select {} // until it arrives
		}
	})
	return f.Apply(context.Background(), changes)
}

// open opens a folder until the test ends.
func open(t *testing.T, dir string) *commit.Folder {
	t.Helper()
	f, err := commit.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// TestKilled kills a process before each of its steps. Each file is old or new, in order, and
// the next run completes the work and cleans up.
func TestKilled(t *testing.T) {
	t.Parallel()
	before := map[string]string{"changed": "1", "other": "1", "gone": "1", "author": "1"}
	after := map[string]string{"changed": "2", "new": "3", "other": "4", "author": "1"}
	leftovers := 0
	for step := 0; ; step++ {
		dir := folder(t, before)
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), killDir+"="+dir, killAt+"="+strconv.Itoa(step))
		out, err := cmd.CombinedOutput()
		files := contents(t, dir)
		if err == nil {
			if diff := cmp.Diff(after, files); diff != "" || step < 10 {
				t.Errorf("after %d steps (-want +got):\n%s", step, diff)
			}
			break
		}
		if len(out) > 0 { // its own error
			t.Fatalf("%v\n%s", err, out)
		}
		done := true // as long as files are new
		for i := 0; i < len(wanted); i += 2 {
			name := wanted[i]
			isNew := files[name] == after[name]
			if !isNew && files[name] != before[name] || isNew && !done {
				t.Errorf("killed at step %d: the files are %v", step, files)
			}
			done = isNew
			delete(files, name)
		}
		delete(files, "author")
		leftovers += len(files)
		if err := open(t, dir).Apply(t.Context(), compare(t, dir, wanted...)); err != nil {
			t.Errorf("after being killed at step %d: %v", step, err)
		}
		if diff := cmp.Diff(after, contents(t, dir)); diff != "" {
			t.Errorf("completed after step %d (-want +got):\n%s", step, diff)
		}
	}
	if leftovers == 0 {
		t.Error("no temporary file was left")
	}
}

// TestInterrupted ends the context before each step. Either all changes are made or none, and
// nothing else is left.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	before := map[string]string{"changed": "1", "other": "1", "gone": "1"}
	after := map[string]string{"changed": "2", "new": "3", "other": "4", "made": "folder"}
	for step := 0; ; step++ {
		dir := folder(t, before)
		f := open(t, dir)
		ctx, cancel := context.WithCancel(t.Context())
		left := step
		f.Before(func(string) {
			if left--; left < 0 {
				cancel()
			}
		})
		err := f.Apply(ctx, compare(t, dir, append([]string{filepath.Join("made", "file"), "5"}, wanted...)...))
		cancel()
		want := before
		if err == nil {
			want = after
		} else if !errors.Is(err, context.Canceled) {
			t.Errorf("at step %d: got %v, want %v", step, err, context.Canceled)
		}
		if diff := cmp.Diff(want, contents(t, dir)); diff != "" {
			t.Errorf("interrupted at step %d: %v (-want +got):\n%s", step, err, diff)
		}
		if err == nil {
			if step < 10 {
				t.Errorf("only %d steps", step)
			}
			return
		}
	}
}

// TestLeftovers checks which files the next run removes.
func TestLeftovers(t *testing.T) {
	t.Parallel()
	stay := map[string]string{".difygen-": "1", ".difygen-notes": "1", ".difygen-1x": "1", "difygen-1": "1"}
	dir := folder(t, stay)
	for _, name := range []string{".difygen-1", ".difygen-4294967295"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, ".difygen-2"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := open(t, dir).Apply(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	stay[".difygen-2"] = "folder"
	if diff := cmp.Diff(stay, contents(t, dir)); diff != "" {
		t.Errorf("folder (-want +got):\n%s", diff)
	}
}

// TestOpenWaits opens a folder twice.
func TestOpenWaits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := commit.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := commit.Open(canceled, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	synctest.Test(t, func(t *testing.T) {
		const want = "another run of difygen has been using it for 30s; end that run, then try again"
		if _, err := commit.Open(t.Context(), dir); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
	opened := make(chan error)
	go func() {
		second, err := commit.Open(t.Context(), dir)
		if err == nil {
			second.Close()
		}
		opened <- err
	}()
	first.Close()
	if err := <-opened; err != nil {
		t.Error(err)
	}
	open(t, filepath.Join(dir, "none"))
}

// TestLinks changes files in one folder by several names. Apply must not wait for itself.
func TestLinks(t *testing.T) {
	t.Parallel()
	dir, other := folder(t, nil), t.TempDir()
	for name, to := range map[string]string{"self": ".", "one": other, "two": other} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skip(err) // Windows may refuse it
		}
	}
	changes := compare(t, dir, "self/a", "1", "b", "2", "one/c", "3", "two/d", "4")
	synctest.Test(t, func(t *testing.T) { // in which waiting takes no time
		f, err := commit.Open(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := f.Apply(t.Context(), changes); err != nil {
			t.Error(err)
		}
	})
	if diff := cmp.Diff(map[string]string{"c": "3", "d": "4"}, contents(t, other)); diff != "" {
		t.Errorf("folder (-want +got):\n%s", diff)
	}
}

// TestForeignFiles checks that Apply replaces and removes nothing that changed after it was
// compared, not even to undo.
func TestForeignFiles(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file, content string // that changes before the last rename
		want          map[string]string
		fails         string
	}{
		"changed":        {"b", "mine", map[string]string{"a": "1", "b": "mine"}, "b: was changed while difygen ran, so nothing was written; run difygen again"},
		"removed":        {"b", "", map[string]string{"a": "1"}, "b: was changed while difygen ran"},
		"as wanted":      {"b", "2", map[string]string{"a": "2", "b": "2", "c": "2"}, ""},
		"new":            {"c", "mine", map[string]string{"a": "1", "b": "1", "c": "mine"}, "c: was changed while difygen ran"},
		"new, as wanted": {"c", "2", map[string]string{"a": "2", "b": "2", "c": "2"}, ""},
		"a folder":       {"c", "folder", map[string]string{"a": "1", "b": "1", "c": "folder"}, "c: is a folder"},
		"not to undo":    {"a", "mine", map[string]string{"a": "mine", "b": "1", "c": "folder"}, "c: is a folder\nundo: a: was changed while difygen ran"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t, map[string]string{"a": "1", "b": "1"})
			changes := compare(t, dir, "a", "2", "b", "2", "c", "2")
			if test.want["c"] == "folder" && test.file != "c" {
				if err := os.Mkdir(filepath.Join(dir, "c"), 0o750); err != nil {
					t.Fatal(err)
				}
			}
			f := open(t, dir)
			renamed := 0
			f.Before(func(step string) {
				if step != "rename" {
					return
				}
				if renamed++; renamed > 1 && test.file == "a" || renamed == 1 && test.file != "a" {
					change(t, filepath.Join(dir, test.file), test.content)
				}
			})
			err := f.Apply(t.Context(), changes)
			if test.fails == "" && err != nil || test.fails != "" && (err == nil || !strings.HasPrefix(err.Error(), test.fails)) {
				t.Errorf("got %v, want %s", err, test.fails)
			}
			if diff := cmp.Diff(test.want, contents(t, dir)); diff != "" {
				t.Errorf("folder (-want +got):\n%s", diff)
			}
		})
	}
}

// change changes a file as another program would.
func change(t *testing.T, path, content string) {
	t.Helper()
	err := os.WriteFile(path, []byte(content), 0o600)
	switch content {
	case "":
		err = os.Remove(path)
	case "folder":
		err = errors.Join(os.Remove(path), os.Mkdir(path, 0o750))
	}
	if err != nil {
		t.Error(err)
	}
}

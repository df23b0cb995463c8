package commit_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/commit"
)

// folder creates a folder with files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if e.IsDir() {
			files[e.Name()] = "folder"
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(data)
	}
	return files
}

// compare returns the changes for pairs of name and content; "" means no file.
func compare(t *testing.T, dir string, want ...string) []commit.Change {
	t.Helper()
	var changes []commit.Change
	for i := 0; i < len(want); i += 2 {
		var content []byte
		if want[i+1] != "" {
			content = []byte(want[i+1])
		}
		change, needed, err := commit.Compare(filepath.Join(dir, want[i]), want[i], content)
		if err != nil {
			t.Fatal(err)
		}
		if needed {
			changes = append(changes, change)
		}
	}
	return changes
}

func TestApply(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"same": "1\r\n", "changed": "1\n", "gone": "1\n", "other": "1\n"})
	old := time.Now().Add(-time.Hour).Truncate(time.Second)
	if err := os.Chtimes(filepath.Join(dir, "same"), old, old); err != nil {
		t.Fatal(err)
	}
	changes := compare(t, dir, "same", "1\n", "changed", "2\n", "gone", "", "new", "3\n", "never", "")
	var verbs []string
	for _, c := range changes {
		verbs = append(verbs, c.Verb()+" "+c.Name)
	}
	if diff := cmp.Diff([]string{"updated changed", "removed gone", "wrote new"}, verbs); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	wantDiff := "--- a/changed\n+++ b/changed\n@@ -1,1 +1,1 @@\n-1\n+2\n" +
		"--- a/gone\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-1\n--- /dev/null\n+++ b/new\n@@ -0,0 +1,1 @@\n+3\n"
	if diff := cmp.Diff(wantDiff, commit.Diff(changes)); diff != "" {
		t.Errorf("diff (-want +got):\n%s", diff)
	}
	if err := open(t, dir).Apply(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"same": "1\r\n", "changed": "2\n", "new": "3\n", "other": "1\n"}
	if diff := cmp.Diff(want, contents(t, dir)); diff != "" {
		t.Errorf("folder (-want +got):\n%s", diff)
	}
	if info, err := os.Stat(filepath.Join(dir, "same")); err != nil || !info.ModTime().Equal(old) {
		t.Error("a file that is up to date was touched")
	}
	if info, err := os.Stat(filepath.Join(dir, "changed")); err != nil || info.Mode().Perm() != 0o600 {
		t.Error("a file's mode was changed")
	}
	if again := compare(t, dir, "same", "1\n", "changed", "2\n", "gone", "", "new", "3\n"); len(again) > 0 {
		t.Errorf("changes after applying all: %v", again)
	}
}

// TestApplyUndoes checks that everything is as before if the last change fails.
func TestApplyUndoes(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"changed": "1", "gone": "1"})
	before := contents(t, dir)
	changes := compare(t, dir, "changed", "2", "gone", "", "new", "3")
	// A folder that is not empty cannot be replaced by a file.
	if err := os.MkdirAll(filepath.Join(dir, "blocked", "x"), 0o750); err != nil {
		t.Fatal(err)
	}
	before["blocked"] = "folder"
	changes = append(changes, commit.Change{Path: filepath.Join(dir, "blocked"), Name: "blocked", New: []byte("4")})
	if err := open(t, dir).Apply(t.Context(), changes); err == nil || !strings.Contains(err.Error(), "blocked") {
		t.Fatalf("got %v, want an error about blocked", err)
	}
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Errorf("folder (-before +after):\n%s", diff)
	}
}

// TestApplyWritesNothingFirst checks that no file is written if one cannot be.
func TestApplyWritesNothingFirst(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"file": "1"})
	before := contents(t, dir)
	changes := compare(t, dir, "new", "3", filepath.Join("folder", "in", "it"), "4")
	changes = append(changes, commit.Change{Path: filepath.Join(dir, "file", "x"), Name: "x", New: []byte("5")})
	if err := open(t, dir).Apply(t.Context(), changes); err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Errorf("folder (-before +after):\n%s", diff)
	}
}

// TestApplyCreatesFolders checks that folders of new files are created, and removed if a later
// change fails, unless somebody else uses them.
func TestApplyCreatesFolders(t *testing.T) {
	t.Parallel()
	dir := folder(t, nil)
	if err := os.Mkdir(filepath.Join(dir, "a"), 0o750); err != nil {
		t.Fatal(err)
	}
	changes := compare(t, dir, filepath.Join("a", "b", "c", "1"), "1", filepath.Join("a", "b", "2"), "2", filepath.Join("d", "3"), "3")
	f := open(t, dir)
	renames := 0
	f.Before(func(step string) {
		if step != "rename" {
			return
		}
		if renames++; renames == 3 { // the last change fails, since its file is there
			if err := os.WriteFile(filepath.Join(dir, "d", "other"), nil, 0o600); err != nil {
				t.Error(err)
			}
			if err := os.MkdirAll(filepath.Join(dir, "d", "3", "x"), 0o750); err != nil {
				t.Error(err)
			}
		}
	})
	if err := f.Apply(t.Context(), changes); err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(map[string]string{"a": "folder", "d": "folder"}, contents(t, dir)); diff != "" {
		t.Errorf("folder (-want +got):\n%s", diff)
	}
	if got := contents(t, filepath.Join(dir, "a")); len(got) > 0 {
		t.Errorf("left in a folder that was there: %v", got)
	}
	if err := os.RemoveAll(filepath.Join(dir, "d")); err != nil {
		t.Fatal(err)
	}
	if err := f.Apply(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"c": "folder", "2": "2"}, contents(t, filepath.Join(dir, "a", "b"))); diff != "" {
		t.Errorf("folder (-want +got):\n%s", diff)
	}
}

// TestDiffHunks checks the line numbers for two close changes and a distant one.
func TestDiffHunks(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := range 40 {
		lines = append(lines, strconv.Itoa(i))
	}
	lines = append(lines, "")
	before := strings.Join(lines, "\n")
	lines[2], lines[5], lines[30] = "new\nlines", "y", "z"
	diff := commit.Diff([]commit.Change{{Name: "f", Old: []byte(before), New: []byte(strings.Join(lines, "\n"))}})
	var hunks []string
	for line := range strings.Lines(diff) {
		if strings.HasPrefix(line, "@@") {
			hunks = append(hunks, strings.TrimSpace(line))
		}
	}
	if want := []string{"@@ -1,9 +1,10 @@", "@@ -28,7 +29,7 @@"}; cmp.Diff(want, hunks) != "" {
		t.Errorf("got %q, want %q", hunks, want)
	}
}

func TestCompareFolder(t *testing.T) {
	t.Parallel()
	if _, _, err := commit.Compare(t.TempDir(), "x", []byte("1")); err == nil {
		t.Error("there is no error for a folder")
	}
	dir := folder(t, map[string]string{"empty": ""})
	if changes := compare(t, dir, "empty", ""); len(changes) != 1 || changes[0].Verb() != "removed" {
		t.Errorf("changes of an empty file: %v", changes)
	}
}

package docscript

import (
	"os"
	"path/filepath"
	"testing"
)

// TestLinks checks which links of a document are errors.
func TestLinks(t *testing.T) {
	t.Parallel()
	root := folder(t, map[string]string{
		"docs/other.md":   "# Title\n\n## What `Do` does, in 2 steps\n\n```sh\n# no heading\n```\n",
		"docs/images/.md": "",
	})
	for text, want := range map[string]string{
		"[a](https://example.com/none.md), [b](mailto:a@example.com)": "",
		"[a](other.md), [b](images), [c](../docs/other.md)":           "",
		"[a](other.md#what-do-does-in-2-steps), [b](other.md#title)":  "",
		"# Here\n\n[a](#here)":                                 "",
		"Not `[a](none.md)`.\n\n```text\n[b](none.md)\n```\n":  "",
		"```go\nx\n```\n\n[a](none.md)":                        "line 5: the link to none.md: there is no docs/none.md",
		"[a](other.md)\n[the\n`b`](none.md)":                   "line 3: the link to none.md: there is no docs/none.md",
		"[a](other.md#no-heading)":                             "line 1: the link to other.md#no-heading: docs/other.md has no such heading",
		"[a](#none)":                                           "line 1: the link to #none: docs/this.md has no such heading",
		"[a](../../" + filepath.Base(root) + "/docs/other.md)": "line 1: the link to ../../" + filepath.Base(root) + "/docs/other.md: there is no ../" + filepath.Base(root) + "/docs/other.md",
	} {
		if err := os.WriteFile(filepath.Join(root, "docs", "this.md"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := checkLinks(root, "docs/this.md", text); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

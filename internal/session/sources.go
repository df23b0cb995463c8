package session

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/checksum"
	"github.com/difygen/difygen/internal/regular"
	"github.com/difygen/difygen/internal/text"
)

const (
	manifestName = "manifest.yaml"
	// maxNamed is how many files are named.
	maxNamed = 5
)

// Stale says which YAML files in a folder are not those from which the plugin was generated,
// such as "a.yaml has changed since the code was generated", and returns their number. It
// returns 0 if there are none, or if the folder is not that of a plugin.
func (d Declaration) Stale(folder fs.FS) (what string, n int) {
	if info, err := fs.Stat(folder, manifestName); err != nil || !info.Mode().IsRegular() {
		return "", 0
	}
	var stale []string
	for _, name := range slices.Sorted(maps.Keys(d.Sources)) {
		if !unchanged(folder, name, d.Sources[name]) {
			stale = append(stale, text.Name(name))
		}
	}
	if len(stale) == 0 {
		return "", 0
	}
	what = strings.Join(stale[:min(len(stale), maxNamed)], ", ")
	if more := len(stale) - maxNamed; more > 0 {
		what += fmt.Sprintf(" and %d more", more)
	}
	have := "have"
	if len(stale) == 1 {
		have = "has"
	}
	return what + " " + have + " changed since the code was generated", len(stale)
}

// unchanged reports whether a file has a checksum.
func unchanged(folder fs.FS, name, sum string) bool {
	data, err := regular.Read(folder, name)
	return err == nil && checksum.Text(data) == strings.ToLower(sum)
}

package schema

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/difygen/difygen/internal/commit"
	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// maxSize is the most bytes that a file can have to be read as a schema. The largest schema has
// a fifth of it.
const maxSize = 1 << 20

// Write writes the schemas for some kinds of provider, or all schemas if there is none, into a
// folder, which it makes if need be: all of them or none, and only those that change, which it
// returns. If a file with the name of one is not a schema of this package, it writes nothing.
// Shown is the name of the folder for users.
func Write(ctx context.Context, dir, shown string, kinds ...model.Kind) ([]commit.Change, error) {
	// The folder itself may not exist yet; to apply the changes opens it, too.
	parent, err := commit.Open(ctx, filepath.Dir(dir))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shown, err)
	}
	defer parent.Close()
	var changes []commit.Change
	var others []string
	for _, f := range Files(kinds...) {
		name := filepath.Join(shown, f.Name)
		change, needed, err := commit.Compare(filepath.Join(dir, f.Name), name, f.Data)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s: %w", name, plugin.Reason(err))
		case needed && change.Old != nil && !isOurs(change.Old):
			others = append(others, text.Name(name))
		case needed:
			changes = append(changes, change)
		}
	}
	if len(others) > 0 {
		return nil, fmt.Errorf(`not made by difygen (no "$id": "%s…"): %s; choose another folder, or move what is there away`,
			idPrefix, strings.Join(others, ", "))
	}
	return changes, parent.Apply(ctx, changes)
}

// isOurs reports whether a file is a schema of this package, of any version.
func isOurs(data []byte) bool {
	var root struct {
		ID string `json:"$id"`
	}
	return len(data) <= maxSize && json.Unmarshal(data, &root) == nil && strings.HasPrefix(root.ID, idPrefix)
}

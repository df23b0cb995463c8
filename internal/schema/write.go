package schema

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/difygen/difygen/internal/commit"
	"github.com/difygen/difygen/model"
)

// Write writes the schemas for some kinds of provider, or all schemas if there is none, into a
// folder, which it makes if need be: all of them or none, and only those that change, which it
// returns. Shown is the name of the folder for users.
func Write(ctx context.Context, dir, shown string, kinds ...model.Kind) ([]commit.Change, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("%s: %w", shown, cause(err))
	}
	folder, err := commit.Open(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shown, err)
	}
	defer folder.Close()
	var changes []commit.Change
	for _, f := range Files(kinds...) {
		name := filepath.Join(shown, f.Name)
		change, needed, err := commit.Compare(filepath.Join(dir, f.Name), name, f.Data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if needed {
			changes = append(changes, change)
		}
	}
	return changes, folder.Apply(ctx, changes)
}

// cause returns an error without the path, which is shown in another way.
func cause(err error) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}

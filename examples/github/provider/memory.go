package github

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"github.com/difygen/difygen/runtime/invoke"
)

// memory is the number of the newest issue that was listed for a user, in the storage that Dify
// keeps for the plugin. Two calls at the same time may show the same issues: storage has no locks.
type memory struct {
	storage invoke.Storage
	key     string
}

// memory returns what is remembered for the user, the repository and the state. All users of a
// workspace share the storage, so the user is in the key. The key is a hash, since users and
// repositories may have names that keys cannot have.
func (l issueList) memory() (memory, error) {
	api, _, err := l.provider.server(l.call.Credentials)
	if err != nil {
		return memory{}, err
	}
	params := l.call.Parameters
	of := strings.Join([]string{api, l.call.UserID, strings.ToLower(params.Repository), string(params.State)}, "\n")
	hash := sha256.Sum256([]byte(of))
	return memory{l.call.Dify.Storage, "issues/" + hex.EncodeToString(hash[:])}, nil
}

// load returns the number, or 0 if there is none that can be read: the next store replaces it.
func (m memory) load(ctx context.Context) (int64, error) {
	value, err := m.storage.Get(ctx, m.key)
	if errors.Is(err, invoke.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("which issues were listed before: %w", err)
	}
	if number, err := strconv.ParseInt(string(value), 10, 64); err == nil {
		return number, nil
	}
	slog.WarnContext(ctx, "What the storage has is not the number of an issue, so none counts as listed.", "key", m.key)
	return 0, nil
}

// store replaces the number.
func (m memory) store(ctx context.Context, number int64) error {
	err := m.storage.Set(ctx, m.key, strconv.AppendInt(nil, number, 10))
	if errors.Is(err, invoke.ErrStorageFull) {
		slog.WarnContext(ctx, "The storage is full. Raise its size in manifest.yaml.")
		return nil // Dify has stored the number all the same
	}
	if err != nil {
		return fmt.Errorf("remembering which issues were listed: %w", err)
	}
	return nil
}

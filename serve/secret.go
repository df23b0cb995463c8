package serve

import (
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"net/http"
	"sync/atomic"
)

// secretHeader is the header that must hold SERVERLESS_SECRET.
const secretHeader = "Dify-Plugin-Secret"

// guard lets requests pass that know the secret.
type guard struct {
	next   http.HandlerFunc
	sum    [sha256.Size]byte // of the secret: comparing sums does not tell its length
	logger *slog.Logger
	warned atomic.Bool
}

// guarded returns a handler of requests that know a secret; all do if it is empty.
func guarded(secret string, logger *slog.Logger, next http.HandlerFunc) http.Handler {
	if secret == "" {
		return next
	}
	return &guard{next: next, sum: sha256.Sum256([]byte(secret)), logger: logger}
}

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sum := sha256.Sum256([]byte(r.Header.Get(secretHeader)))
	if subtle.ConstantTimeCompare(sum[:], g.sum[:]) == 1 {
		g.next(w, r)
		return
	}
	if !g.warned.Swap(true) {
		g.logger.WarnContext(r.Context(), "a request was refused that does not have SERVERLESS_SECRET in its header "+secretHeader+"; further ones are not logged")
	}
	w.Header().Set("Connection", "close") // the body is not read
	http.Error(w, "the request lacks the secret of this plugin", http.StatusUnauthorized)
}

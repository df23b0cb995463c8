package endpointclash

import (
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// User answers GET /users/<user_id>/<int:userId>/<user__id>. Anyone who knows the address can
// send such requests.
//
// It answers in JSON, for example, like this:
//
//	w.Header().Set("Content-Type", "application/json")
//	return json.NewEncoder(w).Encode(map[string]any{"answer": call.Path.UserID})
func (p *Provider) User(w http.ResponseWriter, r *http.Request, call *UserCall) error {
	return runtime.ErrNotImplemented
}

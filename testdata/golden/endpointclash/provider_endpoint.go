package endpointclash

import (
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// Provider answers GET /provider. Anyone who knows the address can send such requests.
//
// It answers in JSON, for example, like this:
//
//	w.Header().Set("Content-Type", "application/json")
//	return json.NewEncoder(w).Encode(map[string]any{"answer": "done"})
func (p *Provider) Provider(w http.ResponseWriter, r *http.Request, call *ProviderCall) error {
	return runtime.ErrNotImplemented
}

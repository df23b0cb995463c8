package endpointorder

import (
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// GetNumberID answers GET /number/<int:id>. Anyone who knows the address can send such
// requests.
//
// It answers in JSON, for example, like this:
//
//	w.Header().Set("Content-Type", "application/json")
//	return json.NewEncoder(w).Encode(map[string]any{"answer": call.Path.ID})
func (p *Provider) GetNumberID(w http.ResponseWriter, r *http.Request, call *GetNumberIDCall) error {
	return runtime.ErrNotImplemented
}

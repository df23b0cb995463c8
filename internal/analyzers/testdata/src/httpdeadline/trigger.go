package httpdeadline

import (
	"context"
	"net/http"

	"github.com/difygen/difygen/internal/analyzers/testdata/src/forge"
	"github.com/difygen/difygen/internal/analyzers/testdata/src/planner"
)

func (p *provider) Dispatch(_ http.ResponseWriter, r *http.Request, _ *forge.DispatchCall, to *forge.Dispatcher) error {
	req, err := http.NewRequest(http.MethodGet, "https://service.example", nil) // want `http.NewRequest lacks the context of the call`
	if err != nil {
		return err
	}
	resp, err := p.HTTPClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return to.Push(forge.PushPayload{User: r.Method})
}

func (p *provider) Push(ctx context.Context, call *forge.PushCall) (forge.PushVariables, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "https://service.example", nil) // want `neither this context nor the client has a deadline`
	if err != nil {
		return forge.PushVariables{}, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return forge.PushVariables{}, err
	}
	defer resp.Body.Close()
	return forge.PushVariables{Ref: call.Request.Method}, ctx.Err()
}

func (p *provider) Plan(_ context.Context, _ *planner.PlanCall, out *planner.PlanOutput) error {
	resp, err := http.Get("https://service.example") // want `http.Get has neither`
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return out.Text(resp.Status)
}

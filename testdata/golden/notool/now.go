package notool

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// Now is the tool Now.
//
// Tells the time.
//
// It returns text, for example, like this:
//
//	return out.Text(call.Parameters.Zone)
func (p *Provider) Now(ctx context.Context, call *NowCall, out *NowOutput) error {
	return runtime.ErrNotImplemented
}

// NowZoneOptions returns the choices of the parameter Zone of Now (dynamic-select).
func (p *Provider) NowZoneOptions(ctx context.Context) ([]runtime.Choice, error) {
	return nil, runtime.ErrNotImplemented
}

// NowRuntimeParameters returns the parameters that Now has besides those in its YAML
// (has_runtime_parameters).
func (p *Provider) NowRuntimeParameters(ctx context.Context) ([]runtime.Parameter, error) {
	return nil, runtime.ErrNotImplemented
}

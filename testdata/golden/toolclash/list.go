package toolclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// List is the tool list.
//
// Does nothing.
//
// It returns text, for example, like this:
//
//	return out.Text(call.Parameters.Label)
func (p *Provider) List(ctx context.Context, call *ListCall, out *ListOutput) error {
	return runtime.ErrNotImplemented
}

// ListLabelOptions2 returns the choices of the parameter Label of list (dynamic-select).
func (p *Provider) ListLabelOptions2(ctx context.Context, creds Credentials) ([]runtime.Choice, error) {
	return nil, runtime.ErrNotImplemented
}

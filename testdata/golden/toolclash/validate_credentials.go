package toolclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// ValidateCredentials2 is the tool validate_credentials.
//
// Does nothing.
//
// It returns text, for example, like this:
//
//	return out.Text("done")
func (p *Provider) ValidateCredentials2(ctx context.Context, call *ValidateCredentials2Call, out *ValidateCredentials2Output) error {
	return runtime.ErrNotImplemented
}

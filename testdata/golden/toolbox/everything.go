package toolbox

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// Everything is the tool Everything.
//
// Takes a parameter of every type.
//
// It returns a file, for example, like this:
//
//	data, err := call.Parameters.Photo.ReadAll(ctx)
//	if err != nil {
//		return err
//	}
//	return out.File(data, runtime.FileMeta{Name: call.Parameters.Photo.Filename})
func (p *Provider) Everything(ctx context.Context, call *EverythingCall, out *EverythingOutput) error {
	return runtime.ErrNotImplemented
}

// EverythingLabelOptions returns the choices of the parameter Label of Everything
// (dynamic-select).
func (p *Provider) EverythingLabelOptions(ctx context.Context, creds AnyCredentials) ([]runtime.Choice, error) {
	return nil, runtime.ErrNotImplemented
}

// EverythingLabelsOptions returns the choices of the parameter Labels of Everything
// (dynamic-select).
func (p *Provider) EverythingLabelsOptions(ctx context.Context, creds AnyCredentials) ([]runtime.Choice, error) {
	return nil, runtime.ErrNotImplemented
}

// EverythingLabelsDefaultOptions returns the choices of the parameter Labels default of
// Everything (dynamic-select).
func (p *Provider) EverythingLabelsDefaultOptions(ctx context.Context, creds AnyCredentials) ([]runtime.Choice, error) {
	return nil, runtime.ErrNotImplemented
}

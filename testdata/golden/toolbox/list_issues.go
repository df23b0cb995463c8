package toolbox

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// ListIssues is the tool List issues.
//
// List the open issues of a repository.
//
// It returns text, for example, like this:
//
//	return out.Text(call.Parameters.Repository)
func (p *Provider) ListIssues(ctx context.Context, call *ListIssuesCall, out *ListIssuesOutput) error {
	return runtime.ErrNotImplemented
}

// ListIssuesLabelOptions returns the choices of the parameter Label of List issues
// (dynamic-select).
func (p *Provider) ListIssuesLabelOptions(ctx context.Context, creds AnyCredentials) ([]runtime.Choice, error) {
	return nil, runtime.ErrNotImplemented
}

// ListIssuesRuntimeParameters returns the parameters that List issues has besides those in its
// YAML (has_runtime_parameters).
func (p *Provider) ListIssuesRuntimeParameters(ctx context.Context, creds AnyCredentials) ([]runtime.Parameter, error) {
	return nil, runtime.ErrNotImplemented
}

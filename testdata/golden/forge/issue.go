package forge

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// Issue makes the variables of the event Issue.
//
// Something happened to an issue.
//
// It returns them, for example, like this:
//
//	return IssueVariables{Number: call.Payload.Number}, nil
//
// If the event is not what call.Parameters ask for, it returns runtime.ErrIgnore, and no
// workflow starts.
func (p *Provider) Issue(ctx context.Context, call *IssueCall) (IssueVariables, error) {
	return IssueVariables{}, runtime.ErrNotImplemented
}

// IssueLabelOptions returns the choices of the parameter Labels of Issue (dynamic-select).
//
// If a user has set up the subscription by hand, creds are nil.
func (p *Provider) IssueLabelOptions(ctx context.Context, creds AnyCredentials) ([]runtime.Choice, error) {
	return nil, runtime.ErrNotImplemented
}

// IssueAssigneeOptions returns the choices of the parameter Assignee of Issue
// (dynamic-select).
//
// If a user has set up the subscription by hand, creds are nil.
func (p *Provider) IssueAssigneeOptions(ctx context.Context, creds AnyCredentials) ([]runtime.Choice, error) {
	return nil, runtime.ErrNotImplemented
}

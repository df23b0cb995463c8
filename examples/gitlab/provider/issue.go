package gitlab

import (
	"context"
	"maps"
	"slices"

	"github.com/difygen/difygen/runtime"
)

// IssuePayload is what Dispatch passes on to Issue.
type IssuePayload struct {
	Issue     IssueIssue                           `json:"object_attributes"`
	Labels    runtime.List[MergeRequestLabelsItem] `json:"labels"`
	Assignees runtime.List[PushUser]               `json:"assignees"`
	Changes   map[string]any                       `json:"changes"`
	User      PushUser                             `json:"user"`
	Project   PushProject                          `json:"project"`
}

// Issue makes the variables of the event Issue.
//
// Something happened to an issue.
func (p *Provider) Issue(_ context.Context, call *IssueCall) (IssueVariables, error) {
	payload, params := &call.Payload, &call.Parameters
	isWanted := func(l MergeRequestLabelsItem) bool { return l.Title == params.Label }
	if !slices.Contains(params.Actions, IssueActions(payload.Issue.Action)) ||
		params.Label != "" && !slices.ContainsFunc(payload.Labels, isWanted) {
		return IssueVariables{}, runtime.ErrIgnore
	}
	return IssueVariables{
		Issue: payload.Issue, Labels: payload.Labels, Assignees: payload.Assignees,
		Changed: slices.Sorted(maps.Keys(payload.Changes)), User: payload.User, Project: payload.Project,
	}, nil
}

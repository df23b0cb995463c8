package gitlab

import (
	"context"
	"maps"
	"slices"

	"github.com/difygen/difygen/runtime"
)

// MergeRequestPayload is what Dispatch passes on to MergeRequest.
type MergeRequestPayload struct {
	MergeRequest MergeRequestMergeRequest             `json:"object_attributes"`
	Labels       runtime.List[MergeRequestLabelsItem] `json:"labels"`
	Assignees    runtime.List[PushUser]               `json:"assignees"`
	Reviewers    runtime.List[PushUser]               `json:"reviewers"`
	Changes      map[string]any                       `json:"changes"`
	User         PushUser                             `json:"user"`
	Project      PushProject                          `json:"project"`
}

// MergeRequest makes the variables of the event Merge request.
//
// Something happened to a merge request.
func (p *Provider) MergeRequest(_ context.Context, call *MergeRequestCall) (MergeRequestVariables, error) {
	payload, params := &call.Payload, &call.Parameters
	switch request := &payload.MergeRequest; {
	case !slices.Contains(params.Actions, Actions(request.Action)),
		!matches(params.TargetBranch, request.TargetBranch),
		request.Draft && !params.Drafts:
		return MergeRequestVariables{}, runtime.ErrIgnore
	}
	return MergeRequestVariables{
		MergeRequest: payload.MergeRequest, Labels: payload.Labels, Assignees: payload.Assignees, Reviewers: payload.Reviewers,
		Changed: slices.Sorted(maps.Keys(payload.Changes)), User: payload.User, Project: payload.Project,
	}, nil
}

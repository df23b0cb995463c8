package gitlab

import (
	"context"
	"strings"

	"github.com/difygen/difygen/runtime"
)

// PushPayload is what Dispatch passes on to Push.
type PushPayload struct {
	Ref               string                        `json:"ref"`
	Before            string                        `json:"before"`
	After             string                        `json:"after"`
	Commits           runtime.List[PushCommitsItem] `json:"commits"`
	TotalCommitsCount int64                         `json:"total_commits_count"`
	UserID            int64                         `json:"user_id"`
	UserUsername      string                        `json:"user_username"`
	UserName          string                        `json:"user_name"`
	Project           PushProject                   `json:"project"`
}

// Push makes the variables of the event Push.
//
// Someone pushed to a branch.
func (p *Provider) Push(_ context.Context, call *PushCall) (PushVariables, error) {
	push := &call.Payload
	branch := strings.TrimPrefix(push.Ref, "refs/heads/")
	after := commit(push.After)
	if !matches(call.Parameters.Branch, branch) || !after.IsSet() && !call.Parameters.Deletions {
		return PushVariables{}, runtime.ErrIgnore
	}
	return PushVariables{
		Branch: branch, Before: commit(push.Before), After: after,
		Commits: push.Commits, TotalCommitsCount: push.TotalCommitsCount,
		User:    PushUser{ID: push.UserID, Username: push.UserUsername, Name: push.UserName},
		Project: push.Project,
	}, nil
}

// commit returns the commit with a hash. GitLab writes zeros where there is none.
func commit(hash string) runtime.Optional[string] {
	if strings.Trim(hash, "0") == "" {
		return runtime.Optional[string]{}
	}
	return runtime.Some(hash)
}

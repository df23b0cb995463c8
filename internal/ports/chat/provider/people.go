package chat

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// ListUsers lists the people of the workspace.
func (p *Provider) ListUsers(ctx context.Context, call *ListUsersCall, out *ListUsersOutput) error {
	args := []string{"limit", strconv.FormatInt(call.Parameters.Limit, 10), "cursor", call.Parameters.Cursor}
	return p.tell(ctx, call.Credentials, out.ToolOutput, "users.list", args, func(r result) string {
		var b strings.Builder
		for _, u := range r.Members {
			fmt.Fprintln(&b, u)
		}
		return b.String()
	})
}

// GetUserInfo gets what is known about a person.
func (p *Provider) GetUserInfo(ctx context.Context, call *GetUserInfoCall, out *GetUserInfoOutput) error {
	return p.tell(ctx, call.Credentials, out.ToolOutput, "users.info", []string{"user", call.Parameters.User}, aboutUser)
}

// LookupUserByEmail finds a person by e-mail address.
func (p *Provider) LookupUserByEmail(ctx context.Context, call *LookupUserByEmailCall, out *LookupUserByEmailOutput) error {
	return p.tell(ctx, call.Credentials, out.ToolOutput, "users.lookupByEmail", []string{"email", call.Parameters.Email}, aboutUser)
}

func aboutUser(r result) string {
	if r.User == nil {
		return "no such person"
	}
	return r.User.String()
}

func (u user) String() string { return fmt.Sprintf("%s (ID: %s, name: %s)", u.Name, u.ID, u.RealName) }

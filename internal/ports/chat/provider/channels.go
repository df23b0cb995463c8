package chat

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/difygen/difygen/runtime"
)

// ListChannels lists the channels of the workspace.
func (p *Provider) ListChannels(ctx context.Context, call *ListChannelsCall, out *ListChannelsOutput) error {
	a := call.Parameters
	types := make([]string, len(a.Types))
	for i, t := range a.Types {
		types[i] = string(t)
	}
	args := []string{"types", strings.Join(types, ","), "limit", strconv.FormatInt(a.Limit, 10), "cursor", a.Cursor}
	return p.tell(ctx, call.Credentials, out.ToolOutput, "conversations.list", args, func(r result) string {
		var b strings.Builder
		for _, c := range r.Channels {
			fmt.Fprintf(&b, "%s (ID: %s)\n", c.Name, c.ID)
		}
		return b.String()
	})
}

// GetChannelInfo gets what is known about a channel.
func (p *Provider) GetChannelInfo(ctx context.Context, call *GetChannelInfoCall, out *GetChannelInfoOutput) error {
	args := []string{"channel", call.Parameters.Channel}
	return p.tell(ctx, call.Credentials, out.ToolOutput, "conversations.info", args, aboutChannel)
}

// CreateChannel creates a channel.
func (p *Provider) CreateChannel(ctx context.Context, call *CreateChannelCall, out *CreateChannelOutput) error {
	args := []string{"name", call.Parameters.Name, "is_private", strconv.FormatBool(call.Parameters.IsPrivate)}
	return p.tell(ctx, call.Credentials, out.ToolOutput, "conversations.create", args, aboutChannel)
}

func aboutChannel(r result) string {
	if r.Channel == nil {
		return "no such channel"
	}
	return fmt.Sprintf("channel %s (ID: %s, topic: %s)", r.Channel.Name, r.Channel.ID, r.Channel.Topic)
}

// ArchiveChannel archives a channel.
func (p *Provider) ArchiveChannel(ctx context.Context, call *ArchiveChannelCall, out *ArchiveChannelOutput) error {
	args := []string{"channel", call.Parameters.Channel}
	return p.tell(ctx, call.Credentials, out.ToolOutput, "conversations.archive", args, said("archived "+call.Parameters.Channel))
}

// SetChannelTopic sets the topic of a channel.
func (p *Provider) SetChannelTopic(ctx context.Context, call *SetChannelTopicCall, out *SetChannelTopicOutput) error {
	args := []string{"channel", call.Parameters.Channel, "topic", call.Parameters.Topic}
	return p.tell(ctx, call.Credentials, out.ToolOutput, "conversations.setTopic", args, said("changed the topic"))
}

// InviteToChannel invites people to a channel.
func (p *Provider) InviteToChannel(ctx context.Context, call *InviteToChannelCall, out *InviteToChannelOutput) error {
	var users []string
	for _, u := range call.Parameters.Users {
		id, ok := u.(string)
		if !ok {
			return &runtime.ValidationError{Provider: "Invite", Problems: []runtime.Problem{{Field: "users", Label: "People", Reason: "must be a list of IDs"}}}
		}
		users = append(users, id)
	}
	args := []string{"channel", call.Parameters.Channel, "users", strings.Join(users, ",")}
	return p.tell(ctx, call.Credentials, out.ToolOutput, "conversations.invite", args, said(fmt.Sprintf("invited %d", len(users))))
}

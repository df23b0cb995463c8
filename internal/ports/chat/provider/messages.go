package chat

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/difygen/difygen/runtime"
)

// SendMessage sends a message to a channel, or as a reply.
func (p *Provider) SendMessage(ctx context.Context, call *SendMessageCall, out *SendMessageOutput) error {
	a := call.Parameters
	args := []string{"channel", a.Channel, "text", a.Text, "thread_ts", a.ThreadTS}
	return p.tell(ctx, call.Credentials, out.ToolOutput, "chat.postMessage", args, func(r result) string {
		return fmt.Sprintf("sent to %s as %s", a.Channel, r.TS)
	})
}

// UpdateMessage changes the text of a message.
func (p *Provider) UpdateMessage(ctx context.Context, call *UpdateMessageCall, out *UpdateMessageOutput) error {
	a := call.Parameters
	args := []string{"channel", a.Channel, "ts", a.TS, "text", a.Text}
	return p.tell(ctx, call.Credentials, out.ToolOutput, "chat.update", args, said("changed "+a.TS))
}

// DeleteMessage deletes a message.
func (p *Provider) DeleteMessage(ctx context.Context, call *DeleteMessageCall, out *DeleteMessageOutput) error {
	a := call.Parameters
	args := []string{"channel", a.Channel, "ts", a.TS}
	return p.tell(ctx, call.Credentials, out.ToolOutput, "chat.delete", args, said("deleted "+a.TS))
}

// ScheduleMessage sends a message later.
func (p *Provider) ScheduleMessage(ctx context.Context, call *ScheduleMessageCall, out *ScheduleMessageOutput) error {
	a := call.Parameters
	args := []string{"channel", a.Channel, "text", a.Text, "post_at", strconv.FormatInt(a.PostAt, 10)}
	return p.tell(ctx, call.Credentials, out.ToolOutput, "chat.scheduleMessage", args, func(r result) string {
		return fmt.Sprintf("scheduled as %s for %d", r.Scheduled, a.PostAt)
	})
}

// GetPermalink gets a link to a message.
func (p *Provider) GetPermalink(ctx context.Context, call *GetPermalinkCall, out *GetPermalinkOutput) error {
	args := []string{"channel", call.Parameters.Channel, "message_ts", call.Parameters.MessageTS}
	return p.tell(ctx, call.Credentials, out.ToolOutput, "chat.getPermalink", args, func(r result) string { return r.Permalink })
}

// GetChannelHistory gets the newest messages of a channel.
func (p *Provider) GetChannelHistory(ctx context.Context, call *GetChannelHistoryCall, out *GetChannelHistoryOutput) error {
	a := call.Parameters
	args := []string{"channel", a.Channel, "limit", strconv.FormatInt(a.Limit, 10), "oldest", a.Oldest, "latest", a.Latest}
	return p.tell(ctx, call.Credentials, out.ToolOutput, "conversations.history", args, messages)
}

// GetThreadReplies gets the replies to a message.
func (p *Provider) GetThreadReplies(ctx context.Context, call *GetThreadRepliesCall, out *GetThreadRepliesOutput) error {
	a := call.Parameters
	args := []string{"channel", a.Channel, "ts", a.TS, "limit", strconv.FormatInt(a.Limit, 10)}
	return p.tell(ctx, call.Credentials, out.ToolOutput, "conversations.replies", args, messages)
}

func messages(r result) string {
	var b strings.Builder
	for _, m := range r.Messages {
		fmt.Fprintf(&b, "%s %s: %s\n", m.TS, m.User, m.Text)
	}
	return b.String()
}

// AddReaction adds an emoji to a message.
func (p *Provider) AddReaction(ctx context.Context, call *AddReactionCall, out *AddReactionOutput) error {
	a := call.Parameters
	args := []string{"channel", a.Channel, "timestamp", a.Timestamp, "name", strings.Trim(a.Name, ":")}
	return p.tell(ctx, call.Credentials, out.ToolOutput, "reactions.add", args, said("added "+a.Name))
}

// RemoveReaction removes an emoji from a message.
func (p *Provider) RemoveReaction(ctx context.Context, call *RemoveReactionCall, out *RemoveReactionOutput) error {
	a := call.Parameters
	args := []string{"channel", a.Channel, "timestamp", a.Timestamp, "name", strings.Trim(a.Name, ":")}
	return p.tell(ctx, call.Credentials, out.ToolOutput, "reactions.remove", args, said("removed "+a.Name))
}

// PostWebhook sends a message by an incoming webhook.
func (p *Provider) PostWebhook(ctx context.Context, call *PostWebhookCall, out *PostWebhookOutput) error {
	hook, err := url.Parse(call.Parameters.WebhookURL.Reveal())
	if err != nil || hook.Scheme != "https" && p.URL == "" || !strings.HasPrefix(hook.Path, "/hooks/") {
		return errors.New("the webhook URL is not the URL of a webhook")
	}
	req, err := runtime.NewJSONRequest(ctx, "POST", hook.String(), map[string]string{"text": call.Parameters.Text})
	if err != nil {
		return err
	}
	if err := runtime.DoJSON(nil, req, nil); err != nil {
		return err
	}
	return out.Text("sent")
}

// Package chat talks in a workspace.
package chat

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/difygen/difygen/runtime"
)

// Provider connects Chat. The zero value uses the real service.
type Provider struct {
	URL string
}

// If Provider lacks a method, the compiler reports it here.
var (
	_ CredentialsValidator = (*Provider)(nil)
	_ Tools                = (*Provider)(nil)
)

// ValidateCredentials asks who the token belongs to.
func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {
	return p.call(ctx, creds, "auth.test", nil, nil)
}

// call calls a method of the service. The arguments are names and values by turns; those that
// are empty are left out. The service takes forms.
func (p *Provider) call(ctx context.Context, creds Credentials, method string, args []string, result any) error {
	form := url.Values{}
	for i := 0; i < len(args); i += 2 {
		if args[i+1] != "" {
			form.Set(args[i], args[i+1])
		}
	}
	req, err := runtime.NewFormRequest(ctx, http.MethodPost, cmp.Or(p.URL, "https://chat.example")+"/api/"+method, form)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+creds.AccessToken.Reveal())
	answer := answer{Result: result}
	if err := runtime.DoJSON(nil, req, &answer); err != nil {
		return err
	}
	if !answer.OK {
		return errors.New("the service says: " + cmp.Or(answer.Error, "unknown_error"))
	}
	return nil
}

// answer is what every method returns: a success or an error, beside its result.
type answer struct {
	OK     bool
	Error  string
	Result any
}

// tell calls a method, and sends its result as JSON and a text about it.
func (p *Provider) tell(ctx context.Context, creds Credentials, out *runtime.ToolOutput, method string, args []string, text func(result) string) error {
	var r result
	if err := p.call(ctx, creds, method, args, &r); err != nil {
		return err
	}
	return errors.Join(out.Text(text(r)), out.JSON(r))
}

// said returns the same text for every result.
func said(text string) func(result) string { return func(result) string { return text } }

// result is what methods return, each some of it.
type result struct {
	Channel   *channel  `json:"channel,omitempty"`
	Channels  []channel `json:"channels,omitempty"`
	User      *user     `json:"user,omitempty"`
	Members   []user    `json:"members,omitempty"`
	Messages  []message `json:"messages,omitempty"`
	TS        string    `json:"ts,omitempty"`
	Permalink string    `json:"permalink,omitempty"`
	Scheduled string    `json:"scheduled_message_id,omitempty"`
	Cursor    string    `json:"next_cursor,omitempty"`
}

type channel struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Topic string `json:"topic,omitempty"`
}

type user struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	RealName string `json:"real_name,omitempty"`
}

type message struct {
	TS   string `json:"ts"`
	User string `json:"user"`
	Text string `json:"text"`
}

package analyzers

import (
	"fmt"
	"go/token"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"
)

var emptySecret = &analysis.Analyzer{
	Name: "emptysecret",
	Doc: `find webhooks that anybody can send, since the secret may be empty

While a user sets up a subscription, Dispatch gets webhooks of a draft: properties that the user has not
entered are zero, also those that subscription_schema requires. An empty secret is equal to a header that is
not there, and anybody can sign with an empty key. So look whether there is a secret, or let package webhook
verify the request: it refuses an empty secret.

Bad:

	if !call.Subscription.Properties.WebhookSecret.Equal(runtime.NewSecret(r.Header.Get("X-Gitlab-Token"))) {
	mac := hmac.New(sha256.New, []byte(call.Subscription.Properties.WebhookSecret.Reveal()))

Good:

	body, err := webhook.Token(r, "X-Gitlab-Token", call.Subscription.Properties.WebhookSecret)
	body, err := webhook.GitHub(r, call.Subscription.Properties.WebhookSecret)

This is reported of secrets among the properties of subscriptions, where Secret.Equal compares one with what a
request has, and where one is the key of hmac.New. It is not if the package calls IsZero of that secret, or
compares its text with "".`,
	URL:      page + "#emptysecret",
	Run:      runEmptySecret,
	Requires: []*analysis.Analyzer{sourceAnalyzer},
}

func runEmptySecret(pass *analysis.Pass) (any, error) {
	s := pass.ResultOf[sourceAnalyzer].(*source)
	checked := s.checkedProperties()
	report := func(call *ssa.Call, secret ssa.Value, format string) {
		at := s.callAt(call)
		if field := s.secretProperty(secret); field != "" && !checked[field] && at != nil {
			s.report(pass, at, fmt.Sprintf(format, field))
		}
	}
	for call := range instructions[*ssa.Call](s) {
		args := call.Call.Args
		switch called(call.Common()) {
		case function{runtimePath, "Secret", "Equal"}:
			for i, secret := range args {
				if s.isSecretOfRequest(args[1-i]) {
					report(call, secret, "%s is empty while a user sets up a subscription, and equal to what is not in the request; use webhook.Token, which refuses an empty secret")
				}
			}
		case function{"crypto/hmac", "", "New"}:
			report(call, args[1], "%s is empty while a user sets up a subscription, and anybody can sign with an empty key; use package webhook, which refuses an empty secret")
		}
	}
	return nil, nil
}

// checkedProperties returns the secrets among the properties of subscriptions of which the package asks whether
// they are empty.
func (s *source) checkedProperties() map[string]bool {
	checked := make(map[string]bool)
	for call := range instructions[*ssa.Call](s) {
		if (called(call.Common()) == function{runtimePath, "Secret", "IsZero"}) {
			checked[s.secretProperty(call.Call.Args[0])] = true
		}
	}
	for op := range instructions[*ssa.BinOp](s) {
		if op.Op != token.EQL && op.Op != token.NEQ {
			continue
		}
		for _, pair := range [][2]ssa.Value{{op.X, op.Y}, {op.Y, op.X}} {
			if text, ok := textOf(pair[1]); ok && text == "" {
				checked[s.secretProperty(pair[0])] = true
			}
		}
	}
	return checked
}

// secretProperty returns the name of the secret among the properties of a subscription that a value is, or whose
// text it is; "" if it is another's.
func (s *source) secretProperty(v ssa.Value) string {
	name := ""
	t := trace{source: s, callers: true}
	t.passes = func(f function, arg int) bool {
		return keepsText(f, arg) || f == function{runtimePath, "Secret", "Reveal"}
	}
	t.found = func(v ssa.Value) bool {
		of, field := fieldOf(v)
		if of == nil || !isRuntimeType(v.Type(), "Secret") {
			return false
		}
		if section, ok := s.section(of); ok && strings.HasSuffix(section.Type, "SubscriptionProperties") {
			name = field
		}
		return true
	}
	t.from(v)
	return name
}

// isSecretOfRequest reports whether a secret is made of a text that who sends a request chooses.
func (s *source) isSecretOfRequest(v ssa.Value) bool {
	found := false
	t := trace{source: s, callers: true}
	t.found = func(v ssa.Value) bool {
		call, ok := v.(*ssa.Call)
		if ok && (called(call.Common()) == function{runtimePath, "", "NewSecret"}) {
			found = found || s.inRequest(call.Call.Args[0])
			return true
		}
		return false
	}
	t.from(v)
	return found
}

package golden_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/testdata/golden/mail"
)

// allParameters has a value for every parameter of testdata/golden/mail, as the host sends
// them.
const allParameters = `{"folder":"f","limit":20,"ratio":0.25,"unread":false,"kind":"new","events":["received","sent"],"flags":["5"],
	"label":"l","labels":["a"],"filter":{"x":1},"rows":[1],"logo":{"url":"u","filename":"","extension":"","mime_type":"","type":"","size":3},
	"papers":[{"url":"v","filename":"","extension":"","mime_type":"","type":"","size":0}],
	"app":{"app_id":"a"},"model":{"provider":"p","model":"m","model_type":"llm"},"token":"t","whatever":"w"}`

func parameters(t *testing.T, text string) map[string]any {
	t.Helper()
	var values map[string]any
	if err := json.Unmarshal([]byte(text), &values); err != nil {
		t.Fatal(err)
	}
	return values
}

func TestDecodeParameters(t *testing.T) {
	t.Parallel()
	values := parameters(t, allParameters)
	params, err := mail.DecodeSubscriptionParameters(values)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(values, params.Values()); diff != "" {
		t.Errorf("values (-in +out):\n%s", diff)
	}
	if err := params.Validate(); err != nil {
		t.Error(err)
	}
	few, err := mail.DecodeSubscriptionParameters(parameters(t, `{"folder":"f","ratio":1,"events":"sent","app":{"app_id":"a"}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := mail.SubscriptionParameters{
		Folder: "f", Ratio: 1, Events: []mail.Events{mail.EventsSent}, Limit: 10, Unread: true,
		Flags: []mail.Flags{mail.FlagsSeen}, Labels: []string{"inbox"}, App: runtime.AppSelector{AppID: "a"},
	}
	if diff := cmp.Diff(want, few); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
}

func TestDecodeParametersWrong(t *testing.T) {
	t.Parallel()
	for change, want := range map[string]string{
		`{"limit":101}`:      "Mail: Limit (limit) must be at most 100",
		`{"limit":0.5}`:      "Mail: Limit (limit) must be at least 1",
		`{"limit":1.5}`:      "Mail: Limit (limit) must have at most 0 decimal places",
		`{"ratio":0.125}`:    "Mail: Ratio (ratio) must have at most 2 decimal places",
		`{"ratio":-1}`:       "Mail: Ratio (ratio) must be at least 0",
		`{"ratio":null}`:     "Mail: Ratio (ratio) is required",
		`{"events":["x"]}`:   "Mail: Events (events) must be a list with any of received, sent",
		`{"events":[]}`:      "Mail: Events (events) is required",
		`{"filter":"x"}`:     "Mail: Filter (filter) must be an object",
		`{"papers":[{}]}`:    "Mail: Papers (papers) must be a list of files: objects with url",
		`{"unread":"maybe"}`: "Mail: Unread only (unread) must be true or false",
	} {
		values := parameters(t, allParameters)
		for k, v := range parameters(t, change) {
			values[k] = v
		}
		if _, err := mail.DecodeSubscriptionParameters(values); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", change, err, want)
		}
	}
	app := runtime.AppSelector{AppID: "a"}
	bad := mail.SubscriptionParameters{Folder: "f", Limit: 200, Events: []mail.Events{"x"}, App: app}
	want := "Mail: Limit (limit) must be at most 100; Events (events) must be a list with any of received, sent"
	if err := bad.Validate(); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	half := mail.SubscriptionParameters{Folder: "f", Events: []mail.Events{mail.EventsSent}, App: app, Model: &runtime.ModelSelector{Provider: "p"}}
	want = "Mail: Model (model) is not complete; leave it out or fill it"
	if err := half.Validate(); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	want = "Mail: Folder (folder) is required; Events (events) is required; App (app) is required"
	if err := (mail.SubscriptionParameters{}).Validate(); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	// These values could not be decoded again.
	masked := mail.Subscription{
		Parameters: mail.SubscriptionParameters{Folder: "f", Events: []mail.Events{mail.EventsSent}, App: app},
		Properties: mail.SubscriptionProperties{WebhookSecret: runtime.NewSecret("[__HIDDEN__]")},
	}
	want = "Mail: Webhook secret (webhook_secret) arrived masked from Dify; enter it again"
	if err := masked.Validate(); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// forgetful creates subscriptions without the parameters that the user chose.
type forgetful struct{ mail.SubscriptionConstructor }

func (forgetful) CreateSubscription(context.Context, string, mail.SubscriptionParameters, mail.AnyCredentials) (mail.Subscription, error) {
	return mail.Subscription{}, nil
}

// TestSubscriptionIsChecked checks that a subscription that could not be decoded again is
// refused.
func TestSubscriptionIsChecked(t *testing.T) {
	t.Parallel()
	subscriptions := runtime.BindSubscriptions(mail.SubscriptionConstructor(forgetful{}), mail.DecodeSubscriptionParameters, mail.DecodeSubscription, mail.DecodeAnyCredentials)
	_, err := subscriptions.Create(t.Context(), "https://dify.example/hook", parameters(t, allParameters), "", map[string]any{"api_key": "k"})
	want := "the plugin returned an incomplete subscription: Mail: Folder (folder) is required; Events (events) is required; App (app) is required"
	var typed *runtime.Error
	if !errors.As(err, &typed) || typed.Type != runtime.ErrorSubscription || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestTriggerAdapter calls a generated trigger provider as a host would.
func TestTriggerAdapter(t *testing.T) {
	t.Parallel()
	p := mail.NewProvider(&mail.Provider{})
	if p.Kind() != runtime.KindTrigger || p.OAuth() != nil {
		t.Fatalf("got %v", p)
	}
	ctx, creds := t.Context(), map[string]any{"api_key": "k"}
	sub, err := p.Subscriptions().Create(ctx, "https://dify.example/hook", parameters(t, allParameters), runtime.CredentialTypeAPIKey, creds)
	if err != nil {
		t.Fatal(err)
	}
	want := runtime.Subscription{
		ExpiresAt: -1, Endpoint: "https://dify.example/hook",
		Parameters: runtime.NewValues(parameters(t, allParameters)), Properties: runtime.NewValues(map[string]any{"id": "k"}),
	}
	if diff := cmp.Diff(want, sub); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	want.Properties = runtime.NewValues(map[string]any{"id": "k", "webhook_secret": "s", "odd": []any{1.0}})
	sub.Properties = want.Properties
	refreshed, err := p.Subscriptions().Refresh(ctx, sub, "", creds)
	if err != nil {
		t.Fatal(err)
	}
	want.ExpiresAt = 2_000_000_000
	if diff := cmp.Diff(want, refreshed); diff != "" {
		t.Errorf("refreshed (-want +got):\n%s", diff)
	}
	if err := p.Subscriptions().Delete(ctx, refreshed, "", creds); err != nil {
		t.Error(err)
	}

	named := func(err error, want runtime.ErrorType) {
		t.Helper()
		var typed *runtime.Error
		if !errors.As(err, &typed) || typed.Type != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	named(p.ValidateCredentials(ctx, nil), runtime.ErrorTriggerCredentials)
	_, err = p.Subscriptions().Create(ctx, "", nil, "", creds)
	named(err, runtime.ErrorSubscription)
	_, err = p.Subscriptions().Create(ctx, "", parameters(t, allParameters), "unauthorized", nil)
	named(err, runtime.ErrorSubscription)
	_, err = p.Subscriptions().Refresh(ctx, runtime.Subscription{}, "", creds)
	named(err, runtime.ErrorSubscription)
	named(p.Subscriptions().Delete(ctx, runtime.Subscription{}, "", creds), runtime.ErrorUnsubscribe)
}

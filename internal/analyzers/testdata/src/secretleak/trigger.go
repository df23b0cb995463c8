package secretleak

import (
	"context"
	"fmt"
	"net/http"

	"github.com/difygen/difygen/internal/analyzers/testdata/src/forge"
	"github.com/difygen/difygen/internal/analyzers/testdata/src/planner"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/webhook"
)

type hooks struct{}

func (hooks) Dispatch(w http.ResponseWriter, r *http.Request, call *forge.DispatchCall, to *forge.Dispatcher) error {
	secret := call.Subscription.Properties.WebhookSecret.Reveal()
	if r.Header.Get("X-Token") == "" {
		http.Error(w, "want "+secret, http.StatusUnauthorized) // want `the text of a secret, from Secret.Reveal, gets into http.Error`
		return nil
	}
	to.SetUserID(secret) // want `gets into trigger.Dispatcher.SetUserID`
	payload := forge.PushPayload{Ref: "main", User: secret}
	if err := to.Push(payload); err != nil { // want `gets into forge.Dispatcher.Push`
		return err
	}
	return fmt.Errorf("the secret is %s", secret) // want `gets into fmt.Errorf`
}

func (hooks) Push(_ context.Context, call *forge.PushCall) (forge.PushVariables, error) {
	creds, _ := call.Credentials.(forge.Credentials)
	variables := forge.PushVariables{Ref: "https://u:" + creds.AccessToken.Reveal() + "@service.example"} // want `the text of a secret, from Secret.Reveal, gets into the field Ref of the variables of an event`
	return variables, nil
}

// within puts a secret into what is within variables.
func within(call *forge.PushCall) forge.PushVariables {
	secret := call.Subscription.Properties.WebhookSecret.Reveal()
	v := forge.PushVariables{
		Author:  &forge.PushAuthor{Name: secret}, // want `the text of a secret, from Secret.Reveal, gets into the field Name of the variables of an event`
		Message: runtime.Some("see " + secret),   // want `gets into the field Message of the variables of an event`
		Commits: runtime.List[string]{secret},    // want `gets into the field Commits of the variables of an event`
	}
	v.Author.Name = secret // want `gets into the field Name of the variables of an event`
	return v
}

func refuse(call *forge.DispatchCall) error {
	return &webhook.RefusalError{Reason: "want " + call.Subscription.Properties.WebhookSecret.Reveal()} // want `gets into the field Reason of the answer to a webhook`
}

func (hooks) Plan(_ context.Context, call *planner.PlanCall, out *planner.PlanOutput) error {
	key := call.Parameters.SearchKey.Reveal()
	step := out.Step("Search with "+key, "")                                                  // want `gets into agent.Output.Step`
	_ = step.End(map[string]any{"key": key}, nil)                                             // want `gets into agent.Step.End`
	_, err := out.Log(runtime.LogMessage{Label: "key " + call.Parameters.SearchKey.Reveal()}) // want `gets into runtime.ToolOutput.Log`
	_ = out.Text(key)                                                                         // want `gets into runtime.ToolOutput.Text`
	_ = out.Output.JSON(key)                                                                  // want `gets into runtime.ToolOutput.JSON`
	_ = out.SetPlan("by " + key)                                                              // want `gets into planner.PlanOutput.SetPlan`
	_ = out.StreamPlan(key)                                                                   // want `gets into planner.PlanOutput.StreamPlan`
	return err
}

// What follows is right.

type quietHooks struct{}

func (quietHooks) Dispatch(_ http.ResponseWriter, r *http.Request, call *forge.DispatchCall, to *forge.Dispatcher) error {
	if !call.Subscription.Properties.WebhookSecret.Equal(runtime.NewSecret(r.Header.Get("X-Token"))) {
		return fmt.Errorf("the secret is not %s", call.Subscription.Properties.WebhookSecret)
	}
	if r.Header.Get("X-Ref") == "" {
		return &webhook.RefusalError{Reason: "it has no X-Ref"}
	}
	return to.Push(forge.PushPayload{Ref: r.Header.Get("X-Ref"), User: call.Subscription.Properties.HookID})
}

func (quietHooks) Push(_ context.Context, call *forge.PushCall) (forge.PushVariables, error) {
	author := &forge.PushAuthor{Name: call.Payload.User}
	return forge.PushVariables{Author: author, Message: runtime.Some(call.Subscription.Properties.HookID), Commits: runtime.List[string]{call.Payload.Ref}}, nil
}

func (quietHooks) Plan(_ context.Context, call *planner.PlanCall, out *planner.PlanOutput) error {
	if call.Parameters.SearchKey.Reveal() == "" {
		return out.Text("There is no key.")
	}
	return out.SetPlan(call.Parameters.Query)
}

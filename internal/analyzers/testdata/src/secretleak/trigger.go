package secretleak

import (
	"context"
	"fmt"
	"net/http"

	"github.com/difygen/difygen/internal/analyzers/testdata/src/forge"
	"github.com/difygen/difygen/internal/analyzers/testdata/src/planner"
	"github.com/difygen/difygen/runtime"
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

func (hooks) Plan(_ context.Context, call *planner.PlanCall, out *planner.PlanOutput) error {
	key := call.Parameters.SearchKey.Reveal()
	step := out.Step("Search with "+key, "")                                                  // want `gets into agent.Output.Step`
	_ = step.End(map[string]any{"key": key}, nil)                                             // want `gets into agent.Step.End`
	_, err := out.Log(runtime.LogMessage{Label: "key " + call.Parameters.SearchKey.Reveal()}) // want `gets into runtime.ToolOutput.Log`
	return err
}

// What follows is right.

type quietHooks struct{}

func (quietHooks) Dispatch(_ http.ResponseWriter, r *http.Request, call *forge.DispatchCall, to *forge.Dispatcher) error {
	if !call.Subscription.Properties.WebhookSecret.Equal(runtime.NewSecret(r.Header.Get("X-Token"))) {
		return fmt.Errorf("the secret is not %s", call.Subscription.Properties.WebhookSecret)
	}
	return to.Push(forge.PushPayload{Ref: r.Header.Get("X-Ref"), User: call.Subscription.Properties.HookID})
}

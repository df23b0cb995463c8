package runtime_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
)

// TestToolRoutes checks the requests that the adapter of a tool provider answers, and with
// what.
func TestToolRoutes(t *testing.T) {
	t.Parallel()
	decode := runtime.OneWay("P", decodeCreds, "", runtime.CredentialTypeAPIKey)
	parameters := []runtime.Parameter{
		{Name: "city"},
		{
			Name: "size", Label: "Size", Description: "How large", LLMDescription: "l", Type: "number", Form: "form", Required: true, Multiple: true,
			Default: 3, Scope: "llm", Min: runtime.Some(0.0), Max: runtime.Some(9.5), Precision: runtime.Some(0),
			Options: []runtime.Choice{{Value: "a"}, {Value: "b", Label: "B", Icon: "i.svg"}}, AutoGenerate: true, Template: true,
		},
	}
	p := runtime.NewTool(runtime.ToolConfig{Name: "p", Tools: []runtime.ToolBinding{{
		Name: "t",
		Invoke: runtime.BindTool(decode,
			func(values map[string]any) (string, error) {
				d := runtime.NewParameterDecoder("P", values)
				return d.Text("city", "City", runtime.FieldRequired), d.Err()
			},
			func(_ context.Context, call runtime.Call, c creds, city string, out *runtime.ToolOutput) error {
				return out.Text(city + " " + call.UserID + " " + c.Token.Reveal())
			}),
		Options: []runtime.OptionsBinding{{Parameter: "city", Fetch: runtime.BindOptions(decode, func(context.Context, creds) ([]runtime.Choice, error) {
			return []runtime.Choice{{Value: "rome", Icon: "r.svg"}}, nil
		})}},
		RuntimeParameters: func(context.Context, runtime.CredentialType, map[string]any) ([]runtime.Parameter, error) {
			return parameters, nil
		},
	}}})
	wants := map[string]string{
		"invoke_tool":             `{"type":"text","message":{"text":"Rome u s"},"meta":null}null`,
		"fetch_parameter_options": `{"options":[{"icon":"r.svg","label":{"en_US":"rome"},"value":"rome"}]}`,
		"get_tool_runtime_parameters": `{"parameters":[` +
			`{"default":null,"form":"llm","human_description":{"en_US":"city"},"label":{"en_US":"city"},"llm_description":"","multiple":false,"name":"city","options":[],"required":false,"type":"string"},` +
			`{"auto_generate":{"type":"prompt_instruction"},"default":3,"form":"form","human_description":{"en_US":"How large"},"label":{"en_US":"Size"},"llm_description":"l","max":9.5,"min":0,"multiple":true,"name":"size",` +
			`"options":[{"icon":null,"label":{"en_US":"a"},"value":"a"},{"icon":"i.svg","label":{"en_US":"B"},"value":"b"}],"precision":0,"required":true,"scope":"llm","template":{"enabled":true},"type":"number"}]}`,
	}
	got := make(map[string]string)
	for _, r := range p.Routes() {
		write := func(v any) error {
			data, err := json.Marshal(v)
			got[r.Action] += string(data)
			return err
		}
		result, err := r.Serve(t.Context(), &runtime.Request{
			Call: runtime.Call{UserID: "u"}, Stream: write,
			Data: map[string]any{"credentials": map[string]any{"token": "s"}, "tool_parameters": map[string]any{"city": "Rome"}},
		})
		if err == nil {
			err = write(result)
		}
		if err != nil {
			t.Errorf("%s: %v", r.Action, err)
		}
	}
	if diff := cmp.Diff(wants, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

package invoke_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/invoke"
)

var aModel = runtime.ModelSelector{Provider: "langgenius/openai/openai", Model: "gpt-4o", ModelType: "llm"}

func TestExtractParameters(t *testing.T) {
	const want = `{"parameters":[` +
		`{"name":"city","type":"string","description":"a city","required":true},` +
		`{"name":"color","type":"select","options":["red"],"description":"","required":false},` +
		`{"name":"none","type":"array[object]","description":"","required":false}],` +
		`"model":{"provider":"langgenius/openai/openai","name":"gpt-4o","mode":"chat","completion_params":{}},` +
		`"instruction":"I","query":"Q"}`
	nodes := newSession(t, func(typ string, request json.RawMessage) ([]json.RawMessage, error) {
		if diff := cmp.Diff([]string{"node_parameter_extractor", want}, []string{typ, string(request)}); diff != "" {
			t.Error(diff)
		}
		return raw(`{"inputs":{"query":"Q"},"process_data":{"a":1},"outputs":{"__is_success":1,"__reason":null,"__usage":{"total_tokens":7},"city":"Rome","color":"red"}}`), nil
	}).Nodes()
	got, err := nodes.ExtractParameters(t.Context(), &invoke.ExtractRequest{
		Model: aModel,
		Parameters: []invoke.ExtractedParameter{
			{Name: "city", Type: invoke.ExtractString, Description: "a city", Required: true},
			{Name: "color", Type: invoke.ExtractSelect, Options: []string{"red"}},
			{Name: "none", Type: invoke.ExtractObjects},
		},
		Instruction: "I", Query: "Q",
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&invoke.ExtractResult{
		Parameters: map[string]any{"city": "Rome", "color": "red"}, Success: true,
		Node: invoke.NodeResult{
			Inputs: map[string]any{"query": "Q"}, ProcessData: map[string]any{"a": 1.0},
			Outputs: map[string]any{
				"__is_success": 1.0, "__reason": nil, "__usage": map[string]any{"total_tokens": 7.0}, "city": "Rome", "color": "red",
			},
		},
	}, got); diff != "" {
		t.Error(diff)
	}
}

func TestExtractingThatFails(t *testing.T) {
	request := &invoke.ExtractRequest{Model: aModel, Parameters: []invoke.ExtractedParameter{{Name: "n", Type: invoke.ExtractNumber}}, Query: "Q"}
	for said, want := range map[string]bool{
		`{"outputs":{"__is_success":0,"__reason":"R","n":0}}`:     false,
		`{"outputs":{"__is_success":false,"__reason":"R","n":0}}`: false,
		`{"outputs":{"__is_success":true,"__reason":"R","n":0}}`:  true,
	} {
		got, err := newSession(t, reply(said)).Nodes().ExtractParameters(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		if got.Success != want || got.Reason != "R" {
			t.Errorf("%s: %+v", said, got)
		}
	}
}

func TestClassifyQuestion(t *testing.T) {
	const want = `{"classes":[{"id":"1","name":"Billing"},{"id":"2","name":"Other"}],` +
		`"model":{"provider":"langgenius/openai/openai","name":"gpt-4o","mode":"completion","completion_params":{"temperature":0}},` +
		`"instruction":"","query":"Q"}`
	nodes := newSession(t, func(typ string, request json.RawMessage) ([]json.RawMessage, error) {
		if diff := cmp.Diff([]string{"node_question_classifier", want}, []string{typ, string(request)}); diff != "" {
			t.Error(diff)
		}
		return raw(`{"inputs":{},"process_data":{},"outputs":{"class_name":"Billing","class_id":"1"}}`), nil
	}).Nodes()
	model := aModel
	model.Mode = "completion"
	model.CompletionParams = map[string]any{"temperature": 0}
	got, err := nodes.ClassifyQuestion(t.Context(), &invoke.ClassifyRequest{
		Model: model, Classes: []invoke.Class{{ID: "1", Name: "Billing"}, {ID: "2", Name: "Other"}}, Query: "Q",
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&invoke.ClassifyResult{
		Class: invoke.Class{ID: "1", Name: "Billing"},
		Node: invoke.NodeResult{
			Inputs: map[string]any{}, ProcessData: map[string]any{}, Outputs: map[string]any{"class_name": "Billing", "class_id": "1"},
		},
	}, got); diff != "" {
		t.Error(diff)
	}
}

func TestNodeErrors(t *testing.T) {
	one := []invoke.ExtractedParameter{{Name: "n", Type: invoke.ExtractNumber}}
	classes := []invoke.Class{{ID: "1", Name: "N"}}
	extract := func(r *invoke.ExtractRequest) func(context.Context, invoke.Nodes) error {
		return func(ctx context.Context, n invoke.Nodes) error { _, err := n.ExtractParameters(ctx, r); return err }
	}
	classify := func(r *invoke.ClassifyRequest) func(context.Context, invoke.Nodes) error {
		return func(ctx context.Context, n invoke.Nodes) error { _, err := n.ClassifyQuestion(ctx, r); return err }
	}
	for _, test := range []struct {
		call func(context.Context, invoke.Nodes) error
		send answer // nil if nothing is sent
		want string
	}{
		{extract(nil), nil, "a call of the parameter extractor has no Parameters"},
		{extract(&invoke.ExtractRequest{Parameters: one, Query: "Q"}), nil, noModel},
		{extract(&invoke.ExtractRequest{Model: aModel, Query: "Q"}), nil, "a call of the parameter extractor has no Parameters"},
		{extract(&invoke.ExtractRequest{Model: aModel, Parameters: one}), nil, "a call of the parameter extractor has no Query"},
		{
			extract(&invoke.ExtractRequest{Model: aModel, Parameters: []invoke.ExtractedParameter{{Name: "n", Type: "boolean"}}, Query: "Q"}),
			nil, "parameter 1 to extract has no Type such as ExtractString",
		},
		{
			extract(&invoke.ExtractRequest{Model: aModel, Parameters: append(one, invoke.ExtractedParameter{Type: invoke.ExtractBool}), Query: "Q"}),
			nil, "parameter 2 to extract has no Name",
		},
		{classify(nil), nil, "a call of the question classifier has no Classes"},
		{classify(&invoke.ClassifyRequest{Classes: classes, Query: "Q"}), nil, noModel},
		{
			classify(&invoke.ClassifyRequest{Model: runtime.ModelSelector{Provider: "p", Model: "m", Mode: "x"}, Classes: classes, Query: "Q"}),
			nil, "the Mode of a model is neither chat nor completion",
		},
		{classify(&invoke.ClassifyRequest{Model: aModel, Query: "Q"}), nil, "a call of the question classifier has no Classes"},
		{classify(&invoke.ClassifyRequest{Model: aModel, Classes: classes}), nil, "a call of the question classifier has no Query"},
		{
			classify(&invoke.ClassifyRequest{Model: aModel, Classes: []invoke.Class{{ID: "1"}}, Query: "Q"}),
			nil, "class 1 of questions has no ID or no Name",
		},
		{
			classify(&invoke.ClassifyRequest{Model: aModel, Classes: classes, Query: "Q"}),
			reply(`{"outputs":{}}`), "the question classifier of Dify has chosen no class",
		},
		{
			classify(&invoke.ClassifyRequest{Model: aModel, Classes: classes, Query: "Q"}),
			reply(`{"outputs":{"class_id":"99","class_name":"made up"}}`), "the question classifier of Dify has chosen a class that is none of Classes",
		},
		{
			classify(&invoke.ClassifyRequest{Model: aModel, Classes: classes, Query: "Q"}),
			reply(fmt.Sprintf(`{"outputs":{"class_id":%q}}`, classes[0].ID)), "the question classifier of Dify has chosen a class without saying its name",
		},
		{
			classify(&invoke.ClassifyRequest{Model: aModel, Classes: classes, Query: "Q"}),
			refusal("permission denied, you need to enable node access in plugin manifest"),
			"manifest.yaml does not permit this call: it needs resource.permission.node.enabled",
		},
	} {
		send := test.send
		if send == nil {
			send = func(string, json.RawMessage) ([]json.RawMessage, error) {
				t.Error("a wrong request has been sent")
				return nil, nil
			}
		}
		if err := test.call(t.Context(), newSession(t, send).Nodes()); err == nil || err.Error() != test.want {
			t.Errorf("error %v, want %s", err, test.want)
		}
	}
}

func ExampleNodes_ClassifyQuestion() {
	route := func(ctx context.Context, nodes invoke.Nodes, model runtime.ModelSelector, question string) (string, error) {
		result, err := nodes.ClassifyQuestion(ctx, &invoke.ClassifyRequest{
			Model: model, Query: question,
			Classes: []invoke.Class{{ID: "billing", Name: "Invoices and payments"}, {ID: "other", Name: "Everything else"}},
		})
		if err != nil {
			return "", err
		}
		return result.Class.ID, nil
	}
	_, err := route(context.Background(), invoke.Nodes{}, aModel, "Where is my invoice?")
	fmt.Println(err)
	// Output: no call back into Dify: the context is not that of a request
}

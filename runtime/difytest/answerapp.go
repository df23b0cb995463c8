package difytest

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/invoke"
)

// AppRequest is a call of an app of any kind.
type AppRequest struct {
	AppID          string
	Query          string // of chat apps
	Inputs         map[string]any
	ConversationID string // of chat apps, to go on with
	Blocking       bool   // whether the plugin waits for the whole answer
}

// Answer returns the answer of a chat app or a text generator, in pieces, or whole if the plugin
// waits for that.
func (r *AppRequest) Answer(texts ...string) []any {
	event := func(name string, more map[string]any) map[string]any {
		e := map[string]any{"event": name, "task_id": "task-1", "message_id": "message-1", "id": "message-1", "created_at": 1_700_000_000}
		if r.Query != "" {
			e["conversation_id"] = "conversation-1"
		}
		if r.ConversationID != "" {
			e["conversation_id"] = r.ConversationID
		}
		for key, value := range more {
			e[key] = value
		}
		return e
	}
	metadata := map[string]any{"usage": map[string]any{
		"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0, "total_price": "0", "currency": "USD", "latency": 0,
	}}
	if r.Blocking {
		mode := "completion"
		if r.Query != "" {
			mode = "chat"
		}
		return []any{event("message", map[string]any{"mode": mode, "answer": strings.Join(texts, ""), "metadata": metadata})}
	}
	var events []any
	for _, text := range texts {
		events = append(events, event("message", map[string]any{"answer": text}))
	}
	return append(events, event("message_end", map[string]any{"metadata": metadata}))
}

// Outputs returns a run of a workflow that succeeds with these outputs, or its end alone if the
// plugin waits for that.
func (r *AppRequest) Outputs(outputs map[string]any) []any {
	run := func(more map[string]any) map[string]any {
		data := map[string]any{"id": "run-1", "workflow_id": "workflow-1", "created_at": 1_700_000_000}
		for key, value := range more {
			data[key] = value
		}
		return map[string]any{"task_id": "task-1", "workflow_run_id": "run-1", "data": data}
	}
	finished := run(map[string]any{
		"status": "succeeded", "outputs": outputs, "error": nil, "elapsed_time": 0, "total_tokens": 0, "total_steps": 1, "finished_at": 1_700_000_000,
	})
	if r.Blocking {
		return []any{finished}
	}
	started := run(map[string]any{"inputs": r.Inputs})
	started["event"], finished["event"] = "workflow_started", "workflow_finished"
	return []any{started, finished}
}

// Apps sets what apps answer: the events of Dify's public API, each of which encodes as an object in
// JSON, or one object if the plugin waits for the whole answer. The methods of r make the usual ones.
// With an error, the call fails after the events.
func (d *Dify) Apps(answer func(ctx context.Context, r *AppRequest) ([]any, error)) {
	d.Answer("app", func(ctx context.Context, request json.RawMessage, reply func(any)) error {
		w, err := decodeCall[struct {
			AppID          string `json:"app_id"`
			Query          string
			Inputs         map[string]any
			ConversationID string `json:"conversation_id"`
			ResponseMode   string `json:"response_mode"`
		}](request)
		if err != nil {
			return err
		}
		events, err := answer(ctx, &AppRequest{w.AppID, w.Query, w.Inputs, w.ConversationID, w.ResponseMode == "blocking"})
		for _, e := range events {
			reply(e)
		}
		return err
	})
}

// AppParameters sets what Dify says of an app: an object as that of the endpoint /parameters of
// Dify's public API.
func (d *Dify) AppParameters(answer func(ctx context.Context, appID string) (map[string]any, error)) {
	type wire struct {
		AppID string `json:"app_id"`
	}
	one(d, "fetch_app", func(ctx context.Context, w *wire) (map[string]any, error) { return answer(ctx, w.AppID) })
}

// wireNode are the fields of all calls of nodes.
type wireNode struct {
	Model struct {
		Provider, Name, Mode string
		CompletionParams     map[string]any `json:"completion_params"`
	}
	Instruction, Query string
}

func (w *wireNode) selector() runtime.ModelSelector {
	return runtime.ModelSelector{Provider: w.Model.Provider, Model: w.Model.Name, Mode: w.Model.Mode, CompletionParams: w.Model.CompletionParams}
}

// node returns the reply of a node.
func (w *wireNode) node(outputs map[string]any, err error) (map[string]any, error) {
	return map[string]any{"inputs": map[string]any{"query": w.Query}, "process_data": map[string]any{}, "outputs": outputs}, err
}

// ExtractParameters sets the values of parameters, by name, that the parameter extractor finds.
func (d *Dify) ExtractParameters(answer func(ctx context.Context, r *invoke.ExtractRequest) (map[string]any, error)) {
	type wire struct {
		wireNode
		Parameters []invoke.ExtractedParameter
	}
	one(d, "node_parameter_extractor", func(ctx context.Context, w *wire) (map[string]any, error) {
		found, err := answer(ctx, &invoke.ExtractRequest{Model: w.selector(), Parameters: w.Parameters, Instruction: w.Instruction, Query: w.Query})
		outputs := map[string]any{"__is_success": 1, "__reason": nil}
		for name, value := range found {
			outputs[name] = value
		}
		return w.node(outputs, err)
	})
}

// ClassifyQuestion sets the class that the question classifier chooses.
func (d *Dify) ClassifyQuestion(answer func(ctx context.Context, r *invoke.ClassifyRequest) (invoke.Class, error)) {
	type wire struct {
		wireNode
		Classes []invoke.Class
	}
	one(d, "node_question_classifier", func(ctx context.Context, w *wire) (map[string]any, error) {
		class, err := answer(ctx, &invoke.ClassifyRequest{Model: w.selector(), Classes: w.Classes, Instruction: w.Instruction, Query: w.Query})
		return w.node(map[string]any{"class_id": class.ID, "class_name": class.Name}, err)
	})
}

package invoke_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

// chat returns the events of a chat app that says these replies.

func TestAppRequests(t *testing.T) {
	for _, test := range []struct {
		name string
		call func(context.Context, invoke.Apps) error
		typ  string
		want string
	}{
		{
			"chat", func(ctx context.Context, a invoke.Apps) error {
				for _, err := range a.Chat(ctx, &invoke.ChatRequest{AppID: "a", Query: "q", Inputs: map[string]any{"x": 1}, ConversationID: "c"}) {
					return err
				}
				return nil
			},
			"app", `{"app_id":"a","inputs":{"x":1},"query":"q","response_mode":"streaming","conversation_id":"c"}`,
		},
		{
			"workflow", func(ctx context.Context, a invoke.Apps) error {
				for _, err := range a.Workflow(ctx, &invoke.WorkflowRequest{AppID: "a"}) {
					return err
				}
				return nil
			},
			"app", `{"app_id":"a","inputs":{},"response_mode":"streaming"}`,
		},
		{
			"completion", func(ctx context.Context, a invoke.Apps) error {
				for _, err := range a.Completion(ctx, &invoke.CompletionRequest{AppID: "a"}) {
					return err
				}
				return nil
			},
			"app", `{"app_id":"a","inputs":{},"response_mode":"streaming"}`,
		},
		{
			"chat blocking", func(ctx context.Context, a invoke.Apps) error {
				_, err := a.ChatBlocking(ctx, &invoke.ChatRequest{AppID: "a", Query: "q"})
				return err
			},
			"app", `{"app_id":"a","inputs":{},"query":"q","response_mode":"blocking"}`,
		},
		{
			"workflow blocking", func(ctx context.Context, a invoke.Apps) error {
				_, err := a.WorkflowBlocking(ctx, &invoke.WorkflowRequest{AppID: "a", Inputs: map[string]any{"x": nil}})
				return err
			},
			"app", `{"app_id":"a","inputs":{"x":null},"response_mode":"blocking"}`,
		},
		{
			"completion blocking", func(ctx context.Context, a invoke.Apps) error {
				_, err := a.CompletionBlocking(ctx, &invoke.CompletionRequest{AppID: "a"})
				return err
			},
			"app", `{"app_id":"a","inputs":{},"response_mode":"blocking"}`,
		},
		{
			"parameters", func(ctx context.Context, a invoke.Apps) error {
				_, err := a.Parameters(ctx, "a")
				return err
			},
			"fetch_app", `{"app_id":"a"}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var gotType, got string
			apps := newSession(t, func(typ string, request json.RawMessage) ([]json.RawMessage, error) {
				gotType, got = typ, string(request)
				return raw(`{"data":{}}`), nil
			}).Apps()
			if err := test.call(t.Context(), apps); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{test.typ, test.want}, []string{gotType, got}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAppRequestsAreChecked(t *testing.T) {
	apps := newSession(t, func(string, json.RawMessage) ([]json.RawMessage, error) {
		t.Error("a wrong request has been sent")
		return nil, nil
	}).Apps()
	_, chatErr := apps.ChatBlocking(t.Context(), &invoke.ChatRequest{AppID: "a"})
	_, noChatErr := apps.ChatBlocking(t.Context(), nil)
	_, workflowErr := apps.WorkflowBlocking(t.Context(), &invoke.WorkflowRequest{})
	_, completionErr := apps.CompletionBlocking(t.Context(), nil)
	_, parametersErr := apps.Parameters(t.Context(), "")
	var streamErr error
	for _, err := range apps.Chat(t.Context(), &invoke.ChatRequest{Query: "q"}) {
		streamErr = err
	}
	const noApp = "a call of an app has no AppID"
	want := []string{"a call of a chat app has no Query", noApp, noApp, noApp, noApp, noApp}
	var got []string
	for _, err := range []error{chatErr, noChatErr, workflowErr, completionErr, parametersErr, streamErr} {
		got = append(got, fmt.Sprint(err))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestBlockingAnswers(t *testing.T) {
	apps := newSession(t, reply(`{"event":"message","task_id":"t","id":"m","message_id":"m","conversation_id":"c","mode":"chat","answer":"Hi","metadata":{"usage":{"total_tokens":7}},"created_at":1705407629}`)).Apps()
	want := &invoke.AppAnswer{
		TaskID: "t", MessageID: "m", ConversationID: "c", Mode: "chat", Answer: "Hi",
		Metadata: invoke.AppMetadata{Usage: &llm.Usage{TotalTokens: 7}}, CreatedAt: time.Unix(1705407629, 0).UTC(),
	}
	got, err := apps.ChatBlocking(t.Context(), &invoke.ChatRequest{AppID: "a", Query: "q"})
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	got, err = apps.CompletionBlocking(t.Context(), &invoke.CompletionRequest{AppID: "a"})
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestBlockingWorkflows(t *testing.T) {
	for _, test := range []struct {
		name, reply string
		want        *invoke.AppWorkflowFinished
		err         string
	}{
		{
			"succeeded",
			`{"task_id":"t","workflow_run_id":"r","data":{"id":"r","workflow_id":"w","status":"succeeded","outputs":{"x":1},"error":null,"elapsed_time":0.5,"total_tokens":1,"total_steps":2,"created_at":5,"finished_at":6}}`,
			&invoke.AppWorkflowFinished{
				AppEventHeader: invoke.AppEventHeader{TaskID: "t", WorkflowRunID: "r"},
				AppTimes:       invoke.AppTimes{CreatedAt: time.Unix(5, 0).UTC(), FinishedAt: time.Unix(6, 0).UTC(), Elapsed: 500 * time.Millisecond},
				RunID:          "r", WorkflowID: "w", Status: "succeeded", Outputs: map[string]any{"x": 1.0}, TotalTokens: 1, TotalSteps: 2,
			},
			"<nil>",
		},
		{
			"failed", `{"task_id":"t","workflow_run_id":"r","data":{"status":"failed","error":"node X failed"}}`,
			&invoke.AppWorkflowFinished{
				AppEventHeader: invoke.AppEventHeader{TaskID: "t", WorkflowRunID: "r"}, Status: "failed", Error: "node X failed",
			},
			"the app has failed (failed): node X failed",
		},
		{"error", `{"event":"error","code":"c","message":"M"}`, nil, "the app has failed (c): M"},
		{"wrong type", `{"data":{"status":["secret"]}}`, nil, "status in the reply of Dify to a call of type app has the wrong type"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := newSession(t, reply(test.reply)).Apps().WorkflowBlocking(t.Context(), &invoke.WorkflowRequest{AppID: "a"})
			if fmt.Sprint(err) != test.err {
				t.Errorf("error %v, want %s", err, test.err)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreFields(invoke.AppEventHeader{}, "Raw")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func ExampleApps_Chat() {
	answer := func(ctx context.Context, apps invoke.Apps, app runtime.AppSelector, question string) (text string, err error) {
		for event, err := range apps.Chat(ctx, &invoke.ChatRequest{AppID: app.AppID, Query: question}) {
			if err != nil {
				return "", err
			}
			switch e := event.(type) {
			case *invoke.AppMessage:
				text += e.Answer
			case *invoke.AppMessageReplace:
				text = e.Answer
			}
		}
		return text, nil
	}
	_, err := answer(context.Background(), invoke.Apps{}, runtime.AppSelector{AppID: "a"}, "Why?")
	fmt.Println(err)
	// Output: no call back into Dify: the context is not that of a request
}

package invoke_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

func chat(t *testing.T, replies ...string) (events []invoke.AppEvent, err error) {
	t.Helper()
	apps := newSession(t, reply(replies...)).Apps()
	for event, err := range apps.Chat(t.Context(), &invoke.ChatRequest{AppID: "a", Query: "q"}) {
		if err != nil {
			return events, err
		}
		events = append(events, event)
	}
	return events, nil
}

func TestAppEvents(t *testing.T) {
	price, err := runtime.ParseDecimal("0.001289")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s int64) time.Time { return time.Unix(s, 0).UTC() }
	header := func(event string) invoke.AppEventHeader {
		return invoke.AppEventHeader{Event: event, TaskID: "t", ConversationID: "c", MessageID: "m", Time: at(1705407629)}
	}
	run := func(event string) invoke.AppEventHeader {
		return invoke.AppEventHeader{Event: event, TaskID: "t", WorkflowRunID: "r"}
	}
	const chatHead = `"task_id":"t","conversation_id":"c","message_id":"m","created_at":1705407629`
	const runHead = `"task_id":"t","workflow_run_id":"r"`
	node := invoke.AppNode{
		ExecutionID: "e", NodeID: "n", NodeType: "llm", Title: "T", Index: 2, PredecessorNodeID: "p",
		IterationID: "i", LoopID: "l", Inputs: map[string]any{"x": 1.0},
	}
	const nodeFields = `"id":"e","node_id":"n","node_type":"llm","title":"T","index":2,"predecessor_node_id":"p","iteration_id":"i","loop_id":"l","inputs":{"x":1},"created_at":5`
	ended := invoke.AppTimes{CreatedAt: at(5), FinishedAt: at(7), Elapsed: 1500 * time.Millisecond}
	const endFields = `"status":"succeeded","outputs":{"y":2},"error":null,"elapsed_time":1.5,"finished_at":7`
	rounds := invoke.AppRounds{ExecutionID: "e", NodeID: "n", NodeType: "iteration", Title: "T"}
	const roundFields = `"id":"e","node_id":"n","node_type":"iteration","title":"T","created_at":5`
	next, completed := rounds, rounds
	next.Index = 3
	completed.Outputs, completed.Status, completed.Steps, completed.TotalTokens = map[string]any{"y": 2.0}, "succeeded", 4, 6
	started := invoke.AppTimes{CreatedAt: at(5)}

	for _, test := range []struct {
		reply string
		want  invoke.AppEvent
	}{
		{
			`{"event":"message",` + chatHead + `,"id":"m","answer":"Hi"}`,
			&invoke.AppMessage{AppEventHeader: header("message"), ID: "m", Answer: "Hi"},
		},
		{
			`{"event":"agent_message",` + chatHead + `,"id":"m","answer":"Hi"}`,
			&invoke.AppAgentMessage{AppEventHeader: header("agent_message"), ID: "m", Answer: "Hi"},
		},
		{
			`{"event":"agent_thought",` + chatHead + `,"id":"1","position":1,"thought":"T","observation":null,"tool":"x","tool_labels":{},"tool_input":"{}","message_files":["f"]}`,
			&invoke.AppAgentThought{
				AppEventHeader: header("agent_thought"), ID: "1", Position: 1, Thought: "T", Tool: "x", ToolInput: "{}", MessageFiles: []string{"f"},
			},
		},
		{
			`{"event":"message_replace",` + chatHead + `,"answer":"A","reason":"R"}`,
			&invoke.AppMessageReplace{AppEventHeader: header("message_replace"), Answer: "A", Reason: "R"},
		},
		{
			`{"event":"message_file",` + chatHead + `,"id":"f","type":"image","belongs_to":"assistant","url":"https://x"}`,
			&invoke.AppMessageFile{AppEventHeader: header("message_file"), ID: "f", Type: "image", BelongsTo: "assistant", URL: "https://x"},
		},
		{
			`{"event":"message_end",` + chatHead + `,"id":"m","metadata":{"usage":{"prompt_tokens":1033,"completion_tokens":128,"total_tokens":1161,"total_price":"0.0012890","currency":"USD","latency":0.75},"retriever_resources":[{"position":1,"score":0.5,"content":"c"}]},"files":[{"a":1}]}`,
			&invoke.AppMessageEnd{
				AppEventHeader: header("message_end"), ID: "m",
				Metadata: invoke.AppMetadata{
					Usage: &llm.Usage{
						PromptTokens: 1033, CompletionTokens: 128, TotalTokens: 1161, TotalPrice: price, Currency: "USD", Latency: 750 * time.Millisecond,
					},
					RetrieverResources: []runtime.RetrieverResource{{Position: 1, Score: 0.5, Content: "c"}},
				},
				Files: []map[string]any{{"a": 1.0}},
			},
		},
		{
			`{"event":"message_end",` + chatHead + `,"id":"m","metadata":{},"files":null}`,
			&invoke.AppMessageEnd{AppEventHeader: header("message_end"), ID: "m"},
		},
		{
			`{"event":"tts_message",` + chatHead + `,"audio":"aGk="}`,
			&invoke.AppSpeech{AppEventHeader: header("tts_message"), Audio: []byte("hi")},
		},
		{
			`{"event":"tts_message_end",` + chatHead + `,"audio":""}`,
			&invoke.AppSpeechEnd{AppEventHeader: header("tts_message_end"), Audio: []byte{}},
		},
		{
			`{"event":"reasoning_chunk",` + chatHead + `,"data":{"message_id":"other","reasoning":"R","node_id":"n","is_final":true}}`,
			&invoke.AppReasoning{AppEventHeader: header("reasoning_chunk"), Reasoning: "R", NodeID: "n", Final: true},
		},
		{`{"event":"ping"}`, &invoke.AppPing{AppEventHeader: invoke.AppEventHeader{Event: "ping"}}},
		{
			`{"event":"text_chunk",` + runHead + `,"data":{"text":"a","from_variable_selector":["n","text"]}}`,
			&invoke.AppText{AppEventHeader: run("text_chunk"), Text: "a", Selector: []string{"n", "text"}},
		},
		{ // the fields of data are not those of the header
			`{"event":"text_chunk","task_id":"t","data":{"text":"a","workflow_run_id":"other"}}`,
			&invoke.AppText{AppEventHeader: invoke.AppEventHeader{Event: "text_chunk", TaskID: "t"}, Text: "a"},
		},
		{
			`{"event":"text_replace",` + runHead + `,"data":{"text":"a"}}`,
			&invoke.AppTextReplace{AppEventHeader: run("text_replace"), Text: "a"},
		},
		{
			`{"event":"workflow_started",` + runHead + `,"data":{"id":"r","workflow_id":"w","inputs":{"x":1},"created_at":5}}`,
			&invoke.AppWorkflowStarted{AppEventHeader: run("workflow_started"), AppTimes: started, RunID: "r", WorkflowID: "w", Inputs: map[string]any{"x": 1.0}},
		},
		{
			`{"event":"workflow_finished",` + runHead + `,"data":{"id":"r","workflow_id":"w",` + endFields + `,"total_tokens":8,"total_steps":9,"created_at":5,"files":[]}}`,
			&invoke.AppWorkflowFinished{
				AppEventHeader: run("workflow_finished"), AppTimes: ended, RunID: "r", WorkflowID: "w", Status: "succeeded",
				Outputs: map[string]any{"y": 2.0}, TotalTokens: 8, TotalSteps: 9, Files: []map[string]any{},
			},
		},
		{
			`{"event":"workflow_paused",` + runHead + `,"data":{"paused_nodes":["n"],"reasons":[{"type":"human"}]}}`,
			&invoke.AppWorkflowPaused{AppEventHeader: run("workflow_paused"), PausedNodes: []any{"n"}, Reasons: []any{map[string]any{"type": "human"}}},
		},
		{
			`{"event":"human_input_required",` + runHead + `,"data":{"node_id":"n","node_title":"T","form_token":null,"form_content":"C","expiration_time":7}}`,
			&invoke.AppHumanInputRequired{AppEventHeader: run("human_input_required"), NodeID: "n", NodeTitle: "T", FormContent: "C"},
		},
		{
			`{"event":"node_started",` + runHead + `,"data":{` + nodeFields + `}}`,
			&invoke.AppNodeStarted{AppEventHeader: run("node_started"), AppTimes: started, AppNode: node},
		},
		{
			`{"event":"node_finished",` + runHead + `,"data":{` + nodeFields + `,` + endFields + `,"process_data":{"z":3},"execution_metadata":{"total_tokens":1},"files":null}}`,
			&invoke.AppNodeFinished{AppEventHeader: run("node_finished"), AppTimes: ended, AppNode: node, AppNodeResult: invoke.AppNodeResult{
				Status: "succeeded", Outputs: map[string]any{"y": 2.0}, ProcessData: map[string]any{"z": 3.0},
				ExecutionMetadata: map[string]any{"total_tokens": 1.0},
			}},
		},
		{
			`{"event":"node_retry",` + runHead + `,"data":{` + nodeFields + `,"status":"retry","error":"E","retry_index":1}}`,
			&invoke.AppNodeRetry{
				AppEventHeader: run("node_retry"), AppTimes: started, AppNode: node,
				AppNodeResult: invoke.AppNodeResult{Status: "retry", Error: "E"}, RetryIndex: 1,
			},
		},
		{
			`{"event":"iteration_started",` + runHead + `,"data":{` + roundFields + `}}`,
			&invoke.AppIterationStarted{AppEventHeader: run("iteration_started"), AppTimes: started, AppRounds: rounds},
		},
		{
			`{"event":"iteration_next",` + runHead + `,"data":{` + roundFields + `,"index":3}}`,
			&invoke.AppIterationNext{AppEventHeader: run("iteration_next"), AppTimes: started, AppRounds: next},
		},
		{
			`{"event":"iteration_completed",` + runHead + `,"data":{` + roundFields + `,` + endFields + `,"steps":4,"total_tokens":6}}`,
			&invoke.AppIterationCompleted{AppEventHeader: run("iteration_completed"), AppTimes: ended, AppRounds: completed},
		},
		{
			`{"event":"loop_started",` + runHead + `,"data":{` + roundFields + `}}`,
			&invoke.AppLoopStarted{AppEventHeader: run("loop_started"), AppTimes: started, AppRounds: rounds},
		},
		{
			`{"event":"loop_next",` + runHead + `,"data":{` + roundFields + `,"index":3}}`,
			&invoke.AppLoopNext{AppEventHeader: run("loop_next"), AppTimes: started, AppRounds: next},
		},
		{
			`{"event":"loop_completed",` + runHead + `,"data":{` + roundFields + `,` + endFields + `,"steps":4,"total_tokens":6}}`,
			&invoke.AppLoopCompleted{AppEventHeader: run("loop_completed"), AppTimes: ended, AppRounds: completed},
		},
		{
			`{"event":"agent_log",` + chatHead + `,"data":{"node_execution_id":"e","id":"1","label":"L","parent_id":null,"error":null,"status":"start","data":{"a":1},"metadata":{"started_at":4035.2},"node_id":"n"}}`,
			&invoke.AppAgentLog{
				AppEventHeader: header("agent_log"), ID: "1", NodeID: "n", NodeExecutionID: "e", Label: "L", Status: runtime.LogStart,
				Data: map[string]any{"a": 1.0}, Metadata: map[string]any{"started_at": 4035.2},
			},
		},
		{
			`{"event":"hologram",` + chatHead + `,"data":7}`,
			&invoke.UnknownAppEvent{AppEventHeader: header("hologram")},
		},
	} {
		t.Run(test.want.Header().Event, func(t *testing.T) {
			events, err := chat(t, test.reply)
			if err != nil || len(events) != 1 {
				t.Fatalf("%d events, %v", len(events), err)
			}
			if diff := cmp.Diff(test.want, events[0], cmpopts.IgnoreFields(invoke.AppEventHeader{}, "Raw")); diff != "" {
				t.Error(diff)
			}
			if raw := string(events[0].Header().Raw); raw != test.reply {
				t.Errorf("Raw is %s", raw)
			}
		})
	}
}

func TestAppErrors(t *testing.T) {
	events, err := chat(t, `{"event":"message","answer":"a"}`,
		`{"event":"error","message_id":"m","status":400,"code":"invalid_param","message":"query\nis required"}`, `{"event":"message"}`)
	want := &invoke.AppError{Code: "invalid_param", Status: 400, Message: "query is required"}
	var got *invoke.AppError
	if !errors.As(err, &got) || len(events) != 1 {
		t.Fatalf("%d events, error %v", len(events), err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if want := "the app has failed (invalid_param): query is required"; err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}

	for _, test := range []struct{ reply, want string }{
		{`7`, "the reply of Dify to a call of type app is not as expected"},
		{`{"event":["secret"]}`, "event in the reply of Dify to a call of type app has the wrong type"},
		{`{"event":"message","answer":["secret"]}`, "answer in the reply of Dify to a call of type app has the wrong type"},
		{`{"event":"node_started","data":{"index":"secret"}}`, "AppNode.index in the reply of Dify to a call of type app has the wrong type"},
		{`{"event":"tts_message","audio":"secret!"}`, "the reply of Dify to a call of type app is not as expected"},
		{`{"event":"error","status":"secret"}`, "the app has failed: Dify does not say why"},
		{`{"event":"error","status":{"a":1},"message":"M"}`, "the app has failed: M"},
		{`{"event":"error","code":"a\nsk-1","message":"the key sk-1\nis wrong"}`, "the app has failed (a ***): the key *** is wrong"},
		{`{"event":"error","message":"M"}`, "the app has failed: M"},
	} {
		if _, err := chat(t, test.reply); err == nil || err.Error() != test.want {
			t.Errorf("%s: error %v, want %s", test.reply, err, test.want)
		}
	}
}

// TestStatusOfAppErrors checks that a status that is a text, or none, hides no message.
func TestStatusOfAppErrors(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]int{`400`: 400, `"400"`: 400, `"secret"`: 0, `4e2`: 0, `-1`: 0, `99999999999999999999`: 0, `null`: 0, `[1]`: 0} {
		_, err := chat(t, `{"event":"error","status":`+status+`,"message":"M"}`)
		if diff := cmp.Diff(&invoke.AppError{Status: want, Message: "M"}, err); diff != "" {
			t.Errorf("%s: %s", status, diff)
		}
	}
}

// TestErrorsOfRuns checks that the error of a run can be shown.
func TestErrorsOfRuns(t *testing.T) {
	t.Parallel()
	const finished = `{"event":"workflow_finished","data":{"status":"failed","error":"sk-1\nis wrong"}}`
	events, err := chat(t, finished)
	if err != nil {
		t.Fatal(err)
	}
	_, blocking := newSession(t, reply(finished)).Apps().WorkflowBlocking(t.Context(), &invoke.WorkflowRequest{AppID: "a"})
	end, _ := events[0].(*invoke.AppWorkflowFinished)
	for _, err := range []error{end.Err(), blocking} {
		if want := "the app has failed (failed): *** is wrong"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

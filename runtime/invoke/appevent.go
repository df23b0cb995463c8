package invoke

import (
	"encoding/json"
	"time"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

// AppEvent is an event of an app, as Dify's public API has them: a pointer to one of the types App…
// that embed AppEventHeader, or *UnknownAppEvent for an event that difygen does not know. The event
// "error" is the error of the sequence.
type AppEvent interface {
	// Header returns what all events have.
	Header() *AppEventHeader
	appEvent()
}

// AppEventHeader is what all events have.
type AppEventHeader struct {
	Event          string          `json:"event"` // such as message
	TaskID         string          `json:"task_id"`
	WorkflowRunID  string          `json:"workflow_run_id"` // of events of workflows and nodes
	ConversationID string          `json:"conversation_id"` // of chat apps
	MessageID      string          `json:"message_id"`      // of chat apps and text generators
	Time           time.Time       `json:"-"`               // when the message was made; zero if unknown
	Raw            json.RawMessage `json:"-"`               // the whole event, with fields that difygen does not know
}

// Header returns h.
func (h *AppEventHeader) Header() *AppEventHeader { return h }

func (h *AppEventHeader) appEvent() {}

// AppTimes says when something began and ended. What Dify does not say is zero.
type AppTimes struct {
	CreatedAt  time.Time     `json:"-"`
	FinishedAt time.Time     `json:"-"`
	Elapsed    time.Duration `json:"-"`
}

// AppMessage is a piece of the answer.
type AppMessage struct {
	AppEventHeader
	ID     string `json:"id"`
	Answer string `json:"answer"`
}

// AppAgentMessage is a piece of the answer of an agent.
type AppAgentMessage struct {
	AppEventHeader
	ID     string `json:"id"`
	Answer string `json:"answer"`
}

// AppAgentThought is a step of an agent. One with the ID of an earlier one replaces it.
type AppAgentThought struct {
	AppEventHeader
	ID           string   `json:"id"`
	Position     int      `json:"position"` // from 1
	Thought      string   `json:"thought"`
	Observation  string   `json:"observation"` // what the tool returned
	Tool         string   `json:"tool"`        // names with ; between them
	ToolInput    string   `json:"tool_input"`  // JSON
	MessageFiles []string `json:"message_files"`
}

// AppReasoning is text of a model's reasoning. It does not belong to the answer.
type AppReasoning struct {
	AppEventHeader
	Reasoning string `json:"reasoning"`
	NodeID    string `json:"node_id"`
	Final     bool   `json:"is_final"` // thinking has ended
}

// AppMessageReplace replaces the answer so far, as moderation does.
type AppMessageReplace struct {
	AppEventHeader
	Answer string `json:"answer"`
	Reason string `json:"reason"` // of chatflows
}

// AppMessageFile is a file in the answer.
type AppMessageFile struct {
	AppEventHeader
	ID        string `json:"id"`
	Type      string `json:"type"`       // such as image
	BelongsTo string `json:"belongs_to"` // such as assistant
	URL       string `json:"url"`        // may be a path of Dify's API
}

// AppMessageEnd says that the answer is complete.
type AppMessageEnd struct {
	AppEventHeader
	ID       string           `json:"id"`
	Metadata AppMetadata      `json:"metadata"`
	Files    []map[string]any `json:"files"`
}

// AppMetadata says what an answer was made of.
type AppMetadata struct {
	Usage              *llm.Usage                  `json:"usage"` // nil if Dify does not say
	RetrieverResources []runtime.RetrieverResource `json:"retriever_resources"`
}

// AppSpeech is a piece of the answer as audio, if the app reads its answers aloud.
type AppSpeech struct {
	AppEventHeader
	Audio []byte `json:"audio"` // usually MP3
}

// AppSpeechEnd is the end of the audio.
type AppSpeechEnd struct {
	AppEventHeader
	Audio []byte `json:"audio"` // usually empty
}

// AppText is a piece of an output of a workflow that is a text.
type AppText struct {
	AppEventHeader
	Text     string   `json:"text"`
	Selector []string `json:"from_variable_selector"` // the node and the name of its variable
}

// AppTextReplace replaces the text so far, as moderation does.
type AppTextReplace struct {
	AppEventHeader
	Text string `json:"text"`
}

// AppWorkflowStarted is the begin of a run.
type AppWorkflowStarted struct {
	AppEventHeader
	AppTimes
	RunID      string         `json:"id"`
	WorkflowID string         `json:"workflow_id"`
	Inputs     map[string]any `json:"inputs"`
}

// AppWorkflowFinished is the end of a run.
type AppWorkflowFinished struct {
	AppEventHeader
	AppTimes
	RunID       string           `json:"id"`
	WorkflowID  string           `json:"workflow_id"`
	Status      string           `json:"status"` // succeeded, failed, partial-succeeded, stopped or paused
	Outputs     map[string]any   `json:"outputs"`
	Error       string           `json:"error"` // as in AppError.Message
	TotalTokens int              `json:"total_tokens"`
	TotalSteps  int              `json:"total_steps"`
	Files       []map[string]any `json:"files"`
}

// Err returns an *AppError if the run has failed or was stopped, and otherwise nil.
func (e *AppWorkflowFinished) Err() error {
	if e.Status != "failed" && e.Status != "stopped" {
		return nil
	}
	return &AppError{Code: e.Status, Message: e.Error}
}

// AppWorkflowPaused says that a run waits for a person, and is the last event of the sequence.
type AppWorkflowPaused struct {
	AppEventHeader
	PausedNodes []any `json:"paused_nodes"`
	Reasons     []any `json:"reasons"`
}

// AppHumanInputRequired is a form that a person is to fill in before the run goes on. Plugins cannot
// do that.
type AppHumanInputRequired struct {
	AppEventHeader
	NodeID      string `json:"node_id"`
	NodeTitle   string `json:"node_title"`
	FormToken   string `json:"form_token"` // "" if the form goes out by mail
	FormContent string `json:"form_content"`
}

// AppNode is the execution of a node.
type AppNode struct {
	ExecutionID       string         `json:"id"`
	NodeID            string         `json:"node_id"`
	NodeType          string         `json:"node_type"` // such as llm
	Title             string         `json:"title"`
	Index             int            `json:"index"`
	PredecessorNodeID string         `json:"predecessor_node_id"`
	IterationID       string         `json:"iteration_id"` // "" outside of iterations
	LoopID            string         `json:"loop_id"`      // "" outside of loops
	Inputs            map[string]any `json:"inputs"`
}

// AppNodeResult is what has come of a node.
type AppNodeResult struct {
	Status            string           `json:"status"` // such as succeeded or failed
	Error             string           `json:"error"`
	Outputs           map[string]any   `json:"outputs"`
	ProcessData       map[string]any   `json:"process_data"`
	ExecutionMetadata map[string]any   `json:"execution_metadata"`
	Files             []map[string]any `json:"files"`
}

// AppNodeStarted is the begin of a node.
type AppNodeStarted struct {
	AppEventHeader
	AppTimes
	AppNode
}

// AppNodeFinished is the end of a node.
type AppNodeFinished struct {
	AppEventHeader
	AppTimes
	AppNode
	AppNodeResult
}

// AppNodeRetry says that a node has failed, and is tried again.
type AppNodeRetry struct {
	AppEventHeader
	AppTimes
	AppNode
	AppNodeResult
	RetryIndex int `json:"retry_index"` // from 1
}

// AppRounds are the rounds of an iteration or a loop.
type AppRounds struct {
	ExecutionID string         `json:"id"`
	NodeID      string         `json:"node_id"`
	NodeType    string         `json:"node_type"`
	Title       string         `json:"title"`
	Index       int            `json:"index"` // of the round, when one begins
	Inputs      map[string]any `json:"inputs"`
	Outputs     any            `json:"outputs"` // at the end
	Status      string         `json:"status"`  // at the end
	Error       string         `json:"error"`   // at the end
	Steps       int            `json:"steps"`   // at the end
	TotalTokens int            `json:"total_tokens"`
}

// AppIterationStarted is the begin of an iteration.
type AppIterationStarted struct {
	AppEventHeader
	AppTimes
	AppRounds
}

// AppIterationNext is the begin of a round of an iteration.
type AppIterationNext struct {
	AppEventHeader
	AppTimes
	AppRounds
}

// AppIterationCompleted is the end of an iteration.
type AppIterationCompleted struct {
	AppEventHeader
	AppTimes
	AppRounds
}

// AppLoopStarted is the begin of a loop.
type AppLoopStarted struct {
	AppEventHeader
	AppTimes
	AppRounds
}

// AppLoopNext is the begin of a round of a loop.
type AppLoopNext struct {
	AppEventHeader
	AppTimes
	AppRounds
}

// AppLoopCompleted is the end of a loop.
type AppLoopCompleted struct {
	AppEventHeader
	AppTimes
	AppRounds
}

// AppAgentLog is a step of the agent in a node. One with the ID of an earlier one replaces it.
type AppAgentLog struct {
	AppEventHeader
	ID              string            `json:"id"`
	NodeID          string            `json:"node_id"`
	NodeExecutionID string            `json:"node_execution_id"`
	Parent          string            `json:"parent_id"`
	Label           string            `json:"label"`
	Status          runtime.LogStatus `json:"status"`
	Error           string            `json:"error"`
	Data            map[string]any    `json:"data"`
	Metadata        map[string]any    `json:"metadata"`
}

// AppPing says that the app is at work.
type AppPing struct {
	AppEventHeader
}

// UnknownAppEvent is an event that difygen does not know: see Event and Raw of its header.
type UnknownAppEvent struct {
	AppEventHeader
}

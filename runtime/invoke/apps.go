package invoke

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"
)

// Apps calls apps of the workspace. It needs the permission app.enabled.
type Apps struct{ service service }

// Apps returns the service.
func (s Session) Apps() Apps { return Apps{s.service()} }

// ChatRequest is a message to a chat app: a chatbot, an agent or a chatflow. AppID and Query are
// required.
type ChatRequest struct {
	AppID          string
	Query          string         // what the user says
	Inputs         map[string]any // for the app's input fields, by variable
	ConversationID string         // of a conversation to go on with; a new one if empty
}

// WorkflowRequest is a run of a workflow app. AppID is required.
type WorkflowRequest struct {
	AppID  string
	Inputs map[string]any // for the app's input fields, by variable
}

// CompletionRequest is a run of a text generator. AppID is required.
type CompletionRequest struct {
	AppID  string
	Inputs map[string]any // for the app's input fields, by variable
}

type wireApp struct {
	AppID          string         `json:"app_id"`
	Inputs         map[string]any `json:"inputs"`
	Query          string         `json:"query,omitempty"`
	ResponseMode   string         `json:"response_mode"`
	ConversationID string         `json:"conversation_id,omitempty"`
}

const (
	modeStreaming = "streaming"
	modeBlocking  = "blocking"
)

var errNoApp = errors.New("a call of an app has no AppID")

func (r *ChatRequest) wire() (wireApp, error) {
	switch {
	case r.AppID == "":
		return wireApp{}, errNoApp
	case r.Query == "":
		return wireApp{}, errors.New("a call of a chat app has no Query")
	}
	return wireApp{r.AppID, orEmpty(r.Inputs), r.Query, modeStreaming, r.ConversationID}, nil
}

func (r *WorkflowRequest) wire() (wireApp, error) {
	if r.AppID == "" {
		return wireApp{}, errNoApp
	}
	return wireApp{AppID: r.AppID, Inputs: orEmpty(r.Inputs), ResponseMode: modeStreaming}, nil
}

func (r *CompletionRequest) wire() (wireApp, error) { return (*WorkflowRequest)(r).wire() }

// Chat sends a message to a chat app, and returns the events of the answer as they come. Join the
// texts of *AppMessage and, of an agent, *AppAgentMessage. The header of every event has the ID of
// the conversation. An error of the app is an *AppError. When the loop is left, the app runs on.
func (a Apps) Chat(ctx context.Context, req *ChatRequest) iter.Seq2[AppEvent, error] {
	return stream(ctx, a.service, typeApp, given(req).wire, a.decodeEvent)
}

// Workflow runs a workflow app, and returns the events of the run as they come. The last one is
// *AppWorkflowFinished, also of a run that has failed: see its method Err. A run that waits for a
// person ends with *AppWorkflowPaused. Errors are as those of Chat.
func (a Apps) Workflow(ctx context.Context, req *WorkflowRequest) iter.Seq2[AppEvent, error] {
	return stream(ctx, a.service, typeApp, given(req).wire, a.decodeEvent)
}

// Completion runs a text generator, and returns the events of the answer as they come. Join the texts
// of *AppMessage. Errors are as those of Chat.
func (a Apps) Completion(ctx context.Context, req *CompletionRequest) iter.Seq2[AppEvent, error] {
	return stream(ctx, a.service, typeApp, given(req).wire, a.decodeEvent)
}

// AppAnswer is the whole answer of a chat app or a text generator.
type AppAnswer struct {
	TaskID         string
	MessageID      string
	ConversationID string // "" of a text generator
	Mode           string // what kind of app it is, in Dify's words
	Answer         string
	Metadata       AppMetadata
	CreatedAt      time.Time
}

// ChatBlocking sends a message to a chat app and waits for the whole answer, for up to 240 seconds
// (DIFY_INVOCATION_READ_TIMEOUT of the host). Dify refuses it for agents: use Chat.
func (a Apps) ChatBlocking(ctx context.Context, req *ChatRequest) (*AppAnswer, error) {
	return a.answer(ctx, given(req).wire)
}

// CompletionBlocking runs a text generator and waits for the whole answer, for up to 240 seconds
// (DIFY_INVOCATION_READ_TIMEOUT of the host).
func (a Apps) CompletionBlocking(ctx context.Context, req *CompletionRequest) (*AppAnswer, error) {
	return a.answer(ctx, given(req).wire)
}

func (a Apps) answer(ctx context.Context, wire func() (wireApp, error)) (*AppAnswer, error) {
	data, err := a.block(ctx, wire)
	if err != nil {
		return nil, err
	}
	var reply struct {
		TaskID         string      `json:"task_id"`
		MessageID      string      `json:"message_id"`
		ConversationID string      `json:"conversation_id"`
		Mode           string      `json:"mode"`
		Answer         string      `json:"answer"`
		Metadata       AppMetadata `json:"metadata"`
		CreatedAt      float64     `json:"created_at"`
	}
	if err := decode(typeApp, data, &reply); err != nil {
		return nil, err
	}
	return &AppAnswer{
		reply.TaskID, reply.MessageID, reply.ConversationID, reply.Mode, reply.Answer, reply.Metadata,
		unixTime(reply.CreatedAt),
	}, nil
}

// WorkflowBlocking runs a workflow app and waits for the end, for up to 240 seconds
// (DIFY_INVOCATION_READ_TIMEOUT of the host). If the run has failed or was stopped, the error is an
// *AppError, and the result is there, too.
func (a Apps) WorkflowBlocking(ctx context.Context, req *WorkflowRequest) (*AppWorkflowFinished, error) {
	data, err := a.block(ctx, given(req).wire)
	if err != nil {
		return nil, err
	}
	result := new(AppWorkflowFinished)
	if err := decodeNested(data, result); err != nil {
		return nil, err
	}
	a.redact(result)
	return result, result.Err()
}

// block makes a call that has one reply: the whole answer, or an event of an error.
func (a Apps) block(ctx context.Context, wire func() (wireApp, error)) (json.RawMessage, error) {
	w, err := wire()
	if err != nil {
		return nil, err
	}
	w.ResponseMode = modeBlocking
	var data json.RawMessage
	if err := a.service.one(ctx, typeApp, w, &data); err != nil {
		return nil, err
	}
	var header AppEventHeader
	if err := decode(typeApp, data, &header); err != nil {
		return nil, err
	}
	if header.Event == eventError {
		return nil, a.decodeError(data)
	}
	return data, nil
}

// AppError is an error that an app has ended with. Its texts are on one line, cut to 1,000 characters,
// and without secrets of the request.
type AppError struct {
	Code    string // such as invalid_param; of a run, its status
	Status  int    // of HTTP, such as 400; 0 if Dify does not say
	Message string
}

// Error returns the code and the message.
func (e *AppError) Error() string {
	message := cmp.Or(e.Message, "Dify does not say why")
	if e.Code == "" {
		return "the app has failed: " + message
	}
	return fmt.Sprintf("the app has failed (%s): %s", e.Code, message)
}

package invoke

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"
)

// Apps calls apps of the workspace.
type Apps struct{ service service }

// Apps returns the service.
func (s Session) Apps() Apps { return Apps{s.service()} }

const (
	typeApp      = "app"
	typeFetchApp = "fetch_app"
)

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

type appRequest struct {
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

var errNoApp = errors.New("a call of an app must have an AppID")

func (r *ChatRequest) wire(mode string) (appRequest, error) {
	switch {
	case r == nil || r.AppID == "":
		return appRequest{}, errNoApp
	case r.Query == "":
		return appRequest{}, errors.New("a message to a chat app must have a Query")
	}
	return appRequest{r.AppID, orEmpty(r.Inputs), r.Query, mode, r.ConversationID}, nil
}

func (r *WorkflowRequest) wire(mode string) (appRequest, error) {
	if r == nil || r.AppID == "" {
		return appRequest{}, errNoApp
	}
	return appRequest{AppID: r.AppID, Inputs: orEmpty(r.Inputs), ResponseMode: mode}, nil
}

func (r *CompletionRequest) wire(mode string) (appRequest, error) {
	return (*WorkflowRequest)(r).wire(mode)
}

// orEmpty returns values, of which Dify requires an object.
func orEmpty(values map[string]any) map[string]any {
	if values == nil {
		return map[string]any{}
	}
	return values
}

// Chat sends a message to a chat app, each time that the sequence is read, and returns the events of
// the answer as they come. Join the texts of *AppMessage and, of an agent, *AppAgentMessage. The
// header of every event has the ID of the conversation.
//
// An error of the app is an *AppError, the last of the sequence. Breaking the loop gives up what has
// not come; the app runs on.
func (a Apps) Chat(ctx context.Context, request *ChatRequest) iter.Seq2[AppEvent, error] {
	wire, err := request.wire(modeStreaming)
	return a.stream(ctx, wire, err)
}

// Workflow runs a workflow app, each time that the sequence is read, and returns the events of the
// run as they come. The last one is *AppWorkflowFinished, also of a run that has failed: see its
// method Err. A run that waits for a person ends with *AppWorkflowPaused. Errors are as those of
// Chat.
func (a Apps) Workflow(ctx context.Context, request *WorkflowRequest) iter.Seq2[AppEvent, error] {
	wire, err := request.wire(modeStreaming)
	return a.stream(ctx, wire, err)
}

// Completion runs a text generator, each time that the sequence is read, and returns the events of
// the answer as they come. Join the texts of *AppMessage. Errors are as those of Chat.
func (a Apps) Completion(ctx context.Context, request *CompletionRequest) iter.Seq2[AppEvent, error] {
	wire, err := request.wire(modeStreaming)
	return a.stream(ctx, wire, err)
}

func (a Apps) stream(ctx context.Context, wire appRequest, err error) iter.Seq2[AppEvent, error] {
	if a.service.Caller == nil {
		err = ErrOutside
	}
	if err != nil {
		return func(yield func(AppEvent, error) bool) { yield(nil, err) }
	}
	return stream(ctx, a.service, typeApp, wire, decodeAppEvent)
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
func (a Apps) ChatBlocking(ctx context.Context, request *ChatRequest) (*AppAnswer, error) {
	wire, err := request.wire(modeBlocking)
	return a.answer(ctx, wire, err)
}

// CompletionBlocking runs a text generator and waits for the whole answer, for up to 240 seconds
// (DIFY_INVOCATION_READ_TIMEOUT of the host).
func (a Apps) CompletionBlocking(ctx context.Context, request *CompletionRequest) (*AppAnswer, error) {
	wire, err := request.wire(modeBlocking)
	return a.answer(ctx, wire, err)
}

func (a Apps) answer(ctx context.Context, wire appRequest, err error) (*AppAnswer, error) {
	data, err := a.block(ctx, wire, err)
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
func (a Apps) WorkflowBlocking(ctx context.Context, request *WorkflowRequest) (*AppWorkflowFinished, error) {
	wire, err := request.wire(modeBlocking)
	data, err := a.block(ctx, wire, err)
	if err != nil {
		return nil, err
	}
	result := new(AppWorkflowFinished)
	if err := decodeNested(data, result); err != nil {
		return nil, err
	}
	return result, result.Err()
}

// block makes a call that has one reply: the whole answer, or an event of an error.
func (a Apps) block(ctx context.Context, wire appRequest, err error) (json.RawMessage, error) {
	if a.service.Caller == nil {
		return nil, ErrOutside
	}
	if err != nil {
		return nil, err
	}
	var data json.RawMessage
	if err := a.service.one(ctx, typeApp, wire, &data); err != nil {
		return nil, err
	}
	var header AppEventHeader
	if err := decode(typeApp, data, &header); err != nil {
		return nil, err
	}
	if header.Event == eventError {
		return nil, decodeAppError(data)
	}
	return data, nil
}

// AppError is an error that an app has ended with.
type AppError struct {
	Code    string // such as invalid_param; of a run, its status
	Status  int    // of HTTP, such as 400; 0 if Dify does not say
	Message string
}

// Error returns the message, on one line.
func (e *AppError) Error() string {
	message := strings.Join(strings.Fields(e.Message), " ")
	if e.Code == "" {
		return "the app has failed: " + message
	}
	return fmt.Sprintf("the app has failed (%s): %s", e.Code, message)
}

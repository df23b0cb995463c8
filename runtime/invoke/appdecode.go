package invoke

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

const eventError = "error"

// appEvents make an event to decode into, by its name. The fields of those that are nested are in
// the object "data".
var appEvents = map[string]struct {
	make   func() AppEvent
	nested bool
}{
	"message":              {func() AppEvent { return new(AppMessage) }, false},
	"agent_message":        {func() AppEvent { return new(AppAgentMessage) }, false},
	"agent_thought":        {func() AppEvent { return new(AppAgentThought) }, false},
	"message_replace":      {func() AppEvent { return new(AppMessageReplace) }, false},
	"message_file":         {func() AppEvent { return new(AppMessageFile) }, false},
	"message_end":          {func() AppEvent { return new(AppMessageEnd) }, false},
	"tts_message":          {func() AppEvent { return new(AppSpeech) }, false},
	"tts_message_end":      {func() AppEvent { return new(AppSpeechEnd) }, false},
	"ping":                 {func() AppEvent { return new(AppPing) }, false},
	"reasoning_chunk":      {func() AppEvent { return new(AppReasoning) }, true},
	"text_chunk":           {func() AppEvent { return new(AppText) }, true},
	"text_replace":         {func() AppEvent { return new(AppTextReplace) }, true},
	"workflow_started":     {func() AppEvent { return new(AppWorkflowStarted) }, true},
	"workflow_finished":    {func() AppEvent { return new(AppWorkflowFinished) }, true},
	"workflow_paused":      {func() AppEvent { return new(AppWorkflowPaused) }, true},
	"human_input_required": {func() AppEvent { return new(AppHumanInputRequired) }, true},
	"node_started":         {func() AppEvent { return new(AppNodeStarted) }, true},
	"node_finished":        {func() AppEvent { return new(AppNodeFinished) }, true},
	"node_retry":           {func() AppEvent { return new(AppNodeRetry) }, true},
	"iteration_started":    {func() AppEvent { return new(AppIterationStarted) }, true},
	"iteration_next":       {func() AppEvent { return new(AppIterationNext) }, true},
	"iteration_completed":  {func() AppEvent { return new(AppIterationCompleted) }, true},
	"loop_started":         {func() AppEvent { return new(AppLoopStarted) }, true},
	"loop_next":            {func() AppEvent { return new(AppLoopNext) }, true},
	"loop_completed":       {func() AppEvent { return new(AppLoopCompleted) }, true},
	"agent_log":            {func() AppEvent { return new(AppAgentLog) }, true},
}

// decodeEvent decodes an event. That of an error is an error.
func (a Apps) decodeEvent(data json.RawMessage) (AppEvent, error) {
	var header AppEventHeader
	if err := decode(typeApp, data, &header); err != nil {
		return nil, err
	}
	if header.Event == eventError {
		return nil, a.decodeError(data)
	}
	known, ok := appEvents[header.Event]
	if !ok {
		event := new(UnknownAppEvent)
		return event, decodeFlat(data, event)
	}
	event := known.make()
	decodeEvent := decodeFlat
	if known.nested {
		decodeEvent = decodeNested
	}
	if err := decodeEvent(data, event); err != nil {
		return nil, err
	}
	if finished, ok := event.(*AppWorkflowFinished); ok {
		a.redact(finished)
	}
	return event, nil
}

// redact makes the error of a run one that can be shown.
func (a Apps) redact(e *AppWorkflowFinished) { e.Error = a.service.caller().Redact(e.Error) }

// decodeFlat decodes an event whose fields are beside those of its header.
func decodeFlat(data json.RawMessage, event AppEvent) error {
	if err := decode(typeApp, data, event); err != nil {
		return err
	}
	return setHeader(data, event)
}

// decodeNested decodes an event whose fields are in the object "data".
func decodeNested(data json.RawMessage, event AppEvent) error {
	var nested struct {
		Data json.RawMessage `json:"data"`
	}
	if err := decode(typeApp, data, &nested); err != nil {
		return err
	}
	if nested.Data != nil {
		if err := decode(typeApp, nested.Data, event); err != nil {
			return err
		}
		if timed, ok := event.(interface{ setTimes(wireTimes) }); ok {
			var times wireTimes
			if err := decode(typeApp, nested.Data, &times); err != nil {
				return err
			}
			timed.setTimes(times)
		}
	}
	return setHeader(data, event)
}

// setHeader decodes the header, after fields of the same names in the object "data".
func setHeader(data json.RawMessage, event AppEvent) error {
	header := event.Header()
	*header = AppEventHeader{Raw: data}
	var times wireTimes
	if err := decode(typeApp, data, &times); err != nil {
		return err
	}
	header.Time = unixTime(times.CreatedAt)
	return decode(typeApp, data, header)
}

// decodeError decodes an event that is an error.
func (a Apps) decodeError(data json.RawMessage) error {
	var event struct {
		Code    string     `json:"code"`
		Status  wireStatus `json:"status"`
		Message string     `json:"message"`
	}
	if err := decode(typeApp, data, &event); err != nil {
		return err
	}
	redact := a.service.caller().Redact
	return &AppError{redact(event.Code), int(event.Status), redact(event.Message)}
}

// wireStatus is a status of HTTP, a number or a text; 0 if it is neither.
type wireStatus int

// UnmarshalJSON decodes a status. It does not fail: the message is what counts.
func (s *wireStatus) UnmarshalJSON(data []byte) error {
	n, err := strconv.Atoi(strings.Trim(string(data), `"`))
	if err != nil || n < 0 || n > 999 {
		n = 0
	}
	*s = wireStatus(n)
	return nil
}

// wireTimes are times as they are on the wire, in seconds.
type wireTimes struct {
	CreatedAt  float64 `json:"created_at"`
	FinishedAt float64 `json:"finished_at"`
	Elapsed    float64 `json:"elapsed_time"`
}

func (t *AppTimes) setTimes(w wireTimes) {
	t.CreatedAt, t.FinishedAt = unixTime(w.CreatedAt), unixTime(w.FinishedAt)
	t.Elapsed = seconds(w.Elapsed)
}

// unixTime returns a time that is given in seconds since 1970; the zero time for 0.
func unixTime(s float64) time.Time {
	if s == 0 || math.Abs(s) > 1e11 {
		return time.Time{}
	}
	return time.UnixMicro(int64(s * 1e6)).UTC()
}

// seconds returns a duration that is given in seconds.
func seconds(s float64) time.Duration {
	if math.Abs(s) > 1e9 {
		return 0
	}
	return time.Duration(s * float64(time.Second))
}

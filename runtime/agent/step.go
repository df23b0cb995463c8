package agent

import (
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

// Step is a step of an agent. Dify shows the tree of them while the agent works, and keeps it. Its
// methods are safe for concurrent use.
type Step struct {
	out    *Output
	parent *Step

	mu    sync.Mutex
	log   runtime.LogMessage
	usage llm.Usage
	err   error // of sending the start
}

// Step shows that a step begins. The provider is that of a model or tool that does it, whose icon Dify
// shows, such as langgenius/openai/openai; it may be "". End it with Step.End, which returns the error of
// sending the beginning, too.
func (o *Output) Step(label, provider string) *Step { return o.step(nil, label, provider) }

// Step shows that a step within this one begins.
func (s *Step) Step(label, provider string) *Step { return s.out.step(s, label, provider) }

func (o *Output) step(parent *Step, label, provider string) *Step {
	s := &Step{out: o, parent: parent, log: runtime.LogMessage{Label: label, Status: runtime.LogStart}}
	if parent != nil {
		s.log.Parent = parent.ID()
	}
	s.log.Metadata = runtime.LogMetadata{StartedAt: time.Now(), Provider: provider}
	s.log.ID, s.err = o.Log(s.log)
	return s
}

// ID returns the ID of the step, which is the parent of steps within it.
func (s *Step) ID() string { return s.log.ID }

// AddUsage adds what a model has used in the step: Dify shows it with the step, those that contain it,
// and the whole run. Numbers below 0, which models may claim, count as 0.
func (s *Step) AddUsage(u llm.Usage) {
	u = counted(u)
	for step := s; step != nil; step = step.parent {
		step.mu.Lock()
		step.usage = step.usage.Add(u)
		step.mu.Unlock()
	}
	s.out.AddUsage(u)
}

// End shows that the step has ended: with that data, which may be nil, and with failure unless it is nil.
// Of data that has more than 256 KiB in JSON, it shows the beginning, as a text. It returns an error if that
// cannot be sent.
func (s *Step) End(data map[string]any, failure error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	s.log.Data, s.log.Status = bounded(data), runtime.LogSuccess
	if failure != nil {
		s.log.Status, s.log.Error = runtime.LogError, shorten(failure.Error())
	}
	m := &s.log.Metadata
	m.FinishedAt = time.Now()
	if s.usage.TotalTokens != 0 || !s.usage.TotalPrice.IsZero() {
		m.TotalTokens, m.TotalPrice, m.Currency = s.usage.TotalTokens, s.usage.TotalPrice.String(), s.usage.Currency
	}
	_, err := s.out.Log(s.log)
	return err
}

// counted returns usage without numbers below 0.
func counted(u llm.Usage) llm.Usage {
	u.PromptTokens, u.CompletionTokens = max(u.PromptTokens, 0), max(u.CompletionTokens, 0)
	u.TotalTokens, u.Latency = max(u.TotalTokens, 0), max(u.Latency, 0)
	return u
}

// bounded returns data as a step shows it. What cannot be encoded is left for Log to report.
func bounded(data map[string]any) map[string]any {
	const most = 256 << 10
	text, err := json.Marshal(data)
	if err != nil || len(text) <= most {
		return data
	}
	return map[string]any{"data": shorten(string(text))}
}

// shorten returns a text as a step shows it.
func shorten(text string) string {
	const most = 64 << 10
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

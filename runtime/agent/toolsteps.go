package agent

import (
	"errors"
	"slices"
	"time"

	"github.com/difygen/difygen/runtime"
)

// MaxToolSteps is how many steps of a tool Run.CallTool shows. The rest is left out.
const MaxToolSteps = 100

// toolSteps are the steps of a tool, which are shown within that of its call. Tools may say anything: their
// IDs are only known within a call, for another one to use again.
type toolSteps struct {
	out   *Output
	call  *Step
	ids   map[string]string // of steps as they are shown, by those of the tool
	open  []runtime.LogMessage
	count int
}

// show shows what a tool says of a step: that it begins, and once that it has ended.
func (s *toolSteps) show(step runtime.LogMessage) error {
	shown, known := s.ids[step.ID]
	i := slices.IndexFunc(s.open, func(open runtime.LogMessage) bool { return open.ID == shown })
	begins := step.Status == runtime.LogStart
	switch {
	case step.Label == "": // Dify does not show it
		return nil
	case !known && s.count >= MaxToolSteps, known && (i < 0 || begins):
		return nil
	}
	of := step.ID
	step.ID, step.Parent = shown, s.parent(step.Parent)
	if known {
		step.Parent = s.open[i].Parent
		s.open = slices.Delete(s.open, i, i+1)
	}
	if !begins && step.Status != runtime.LogError {
		step.Status = runtime.LogSuccess
	}
	step.Label, step.Error, step.Data = shorten(step.Label), shorten(step.Error), bounded(step.Data)
	id, err := s.out.Log(step)
	step.ID = id
	s.note(of, step, known)
	return err
}

// parent returns the parent of a step as it is shown: the call, if there is no such step.
func (s *toolSteps) parent(of string) string {
	if id, ok := s.ids[of]; ok {
		return id
	}
	return s.call.ID()
}

// note keeps what is needed for what comes of the step. A tool that gives it no ID cannot go on with it.
func (s *toolSteps) note(of string, step runtime.LogMessage, known bool) {
	if !known {
		s.count++
	}
	if !known && of != "" {
		if s.ids == nil {
			s.ids = make(map[string]string)
		}
		s.ids[of] = step.ID
	}
	if step.Status == runtime.LogStart {
		s.open = append(s.open, step)
	}
}

// end ends the steps that the tool has left open, with why the call has failed, if it has.
func (s *toolSteps) end(failure string) error {
	var errs []error
	for _, step := range slices.Backward(s.open) {
		step.Status, step.Error = runtime.LogSuccess, shorten(failure)
		if failure != "" {
			step.Status = runtime.LogError
		}
		step.Metadata.FinishedAt = time.Now()
		_, err := s.out.Log(step)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

package invoke_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/difygen/difygen/runtime/invoke"
)

// TestHeavyReplies checks that replies that would take too much memory, decoded, are not.
func TestHeavyReplies(t *testing.T) {
	t.Parallel()
	objects := `[` + strings.Repeat(`{},`, 1<<20) + `{}]`
	for name, test := range map[string]struct {
		reply string
		call  func(s invoke.Session) error
	}{
		"tool": {`{"type":"link","message":{"text":"x"},"meta":{"x":` + objects + `}}`, func(s invoke.Session) error {
			_, err := s.Tools().Run(t.Context(), aTool)
			return err
		}},
		"app": {`{"event":"workflow_finished","data":{"outputs":{"x":` + objects + `}}}`, func(s invoke.Session) error {
			for _, err := range s.Apps().Workflow(t.Context(), &invoke.WorkflowRequest{AppID: "a"}) {
				return err
			}
			return nil
		}},
		"fetch_app": {`{"file_upload":{"x":` + objects + `}}`, func(s invoke.Session) error {
			_, err := s.Apps().Parameters(t.Context(), "a")
			return err
		}},
		"node_question_classifier": {`{"outputs":{"x":` + objects + `}}`, func(s invoke.Session) error {
			_, err := s.Nodes().ClassifyQuestion(t.Context(), &invoke.ClassifyRequest{Model: aModel, Query: "Q", Classes: []invoke.Class{{ID: "1", Name: "n"}}})
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := test.call(newSession(t, reply(test.reply)))
			want := "a reply of Dify to a call of type " + name + " would take more than 256 MiB of memory"
			if !errors.Is(err, invoke.ErrOverflow) || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}

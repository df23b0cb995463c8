package llm_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/difygen/difygen/runtime/llm"
)

// TestOutputMany checks that lines stay small where many things are, and little in each.
func TestOutputMany(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(*llm.Output) error{
		"calls": func(out *llm.Output) error {
			name := strings.Repeat("n", 60)
			for i := range 50_000 {
				if err := out.ToolCall(llm.ToolCall{ID: strconv.Itoa(i), Name: name}); err != nil {
					return err
				}
			}
			return nil
		},
		"images": func(out *llm.Output) error {
			for range 80_000 {
				if err := out.Part(&llm.Image{URL: "u", MIMEType: "image/png"}); err != nil {
					return err
				}
			}
			return nil
		},
		"a body": func(out *llm.Output) error {
			return errors.Join(out.Text(strings.Repeat("\x01", 500<<10)), out.OpaqueBody([]byte(`"`+strings.Repeat("x", 4<<20)+`"`)))
		},
	} {
		s := &sent{tb: t} // which checks the lines
		out := llm.NewOutput(modelCall(), false, s.send)
		if err := out.End(write(out)); err != nil || len(s.chunks) < 2 {
			t.Errorf("%s: %d chunks, %v", name, len(s.chunks), err)
		}
	}
}

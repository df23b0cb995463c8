package llm_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime/llm"
)

func TestToolChoice(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		choice llm.ToolChoice
		want   string
		err    string
	}{
		{llm.ToolChoice{Mode: llm.ChooseAuto}, `{"mode":"auto"}`, "<nil>"},
		{llm.ToolChoice{Mode: llm.ChooseNone}, `{"mode":"none"}`, "<nil>"},
		{llm.ToolChoice{Mode: llm.ChooseRequired}, `{"mode":"required"}`, "<nil>"},
		{llm.ToolChoice{Mode: llm.ChooseTool, Name: "now"}, `{"mode":"tool","name":"now"}`, "<nil>"},
		{llm.ToolChoice{Mode: llm.ChooseTool, Name: " "}, `{"mode":"tool","name":" "}`, "a tool choice of mode ChooseTool has no Name"},
		{llm.ToolChoice{Mode: llm.ChooseNone, Name: "now"}, `{"mode":"none","name":"now"}`, "a tool choice has a Name, but another mode than ChooseTool"},
		{llm.ToolChoice{Name: "now"}, `{"mode":"","name":"now"}`, "a tool choice has no Mode"},
		{llm.ToolChoice{Mode: "any"}, `{"mode":"any"}`, "a tool choice has a mode other than auto, none, required and tool"},
	} {
		data, err := json.Marshal(test.choice)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{test.want, test.err}, []string{string(data), fmt.Sprint(test.choice.Validate())}); diff != "" {
			t.Error(diff)
		}
	}
}

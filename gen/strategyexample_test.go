package gen

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/model"
)

// strategyOf is a strategy with parameters, each a name and a type with a * if it is required.
func strategyOf(features []string, parameters ...string) *model.Item {
	section := &model.Section{Name: model.SectionStrategyParameters, Path: "parameters"}
	for _, parameter := range parameters {
		name, typ, _ := strings.Cut(parameter, " ")
		plain := strings.TrimSuffix(typ, "*")
		section.Fields = append(section.Fields, model.Field{Name: name, Type: model.FieldType(plain), Required: plain != typ})
	}
	return &model.Item{Kind: model.KindAgentStrategy, Name: "act", File: "s/act.yaml", Path: "s/act.yaml", Parameters: section, Features: features}
}

// TestStrategyExample checks what the stub of a strategy suggests, and that it compiles.
func TestStrategyExample(t *testing.T) {
	t.Parallel()
	history := []string{model.FeatureHistory}
	all := []model.Permission{model.PermissionLLM, model.PermissionTool}
	const run, end = "run := &agent.Run{\n\tOut: out.Output, LLM: call.Dify.LLM, Model: call.Parameters.Model,\n", "return err\n"
	for name, test := range map[string]struct {
		item    *model.Item
		permits []model.Permission
		want    string
	}{
		"everything": {
			strategyOf(history, "model model-selector*", "tools array[tools]*", "instruction string*", "query string*", "maximum_iterations number*"), all,
			run + "\tTools: agent.NewToolset(call.Dify.Tools, call.Parameters.Tools),\n}\nrun.Append(llm.System(call.Parameters.Instruction))\n" +
				"run.Append(call.Parameters.Model.History...)\nrun.Append(llm.User(call.Parameters.Query))\n_, err := run.Loop(ctx, nil, int(call.Parameters.MaximumIterations))\n" + end,
		},
		"little": {
			strategyOf(nil, "model model-selector*", "rounds number"), all, run + "}\nrun.Append(llm.User(\"Hello!\"))\n_, err := run.Loop(ctx, nil, 10)\n" + end,
		},
		"an instruction that need not be given": {
			strategyOf(nil, "model model-selector*", "instruction string", "query string*"), all,
			run + "}\nif call.Parameters.Instruction != \"\" {\n\trun.Append(llm.System(call.Parameters.Instruction))\n}\n" +
				"run.Append(llm.User(call.Parameters.Query))\n_, err := run.Loop(ctx, nil, 10)\n" + end,
		},
		"tools that the manifest does not permit": {
			strategyOf(nil, "model model-selector*", "tools array[tools]", "task string"), all[:1],
			run + "}\nrun.Append(llm.User(call.Parameters.Task))\n_, err := run.Loop(ctx, nil, 10)\n" + end,
		},
		"a model that the manifest does not permit": {strategyOf(nil, "model model-selector*", "task string"), all[1:], "return out.Text(call.Parameters.Task)\n"},
		"a model that need not be given":            {strategyOf(history, "model model-selector", "key secret-input"), all, "return out.Text(\"done\")\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var permitted []model.Permitted
			for _, p := range test.permits {
				permitted = append(permitted, model.Permitted{Permission: p})
			}
			s := Source{ID: "p/agent.yaml", Plugin: "plugin", Items: []*model.Item{test.item}, Provider: &model.Provider{Kind: model.KindAgentStrategy, Name: "agent"}}
			code, _, err := NewPackage([]Source{s}, Options{Package: "agents", Whole: true, Permitted: permitted})
			if err != nil {
				t.Fatal(err)
			}
			var sources [][]byte
			for _, f := range code.Files() {
				src := contentOf(t, f)
				if f.Item != "" {
					example := exampleIn(src)
					if diff := cmp.Diff(test.want, example); diff != "" {
						t.Errorf("the stub suggests (-want +got):\n%s", diff)
					}
					src = withExample(src, example)
				}
				sources = append(sources, src)
			}
			checkSources(t, sources)
		})
	}
}

// exampleIn is the code in the comments of a stub.
func exampleIn(src []byte) string {
	var example strings.Builder
	for _, line := range regexp.MustCompile(`(?m)^//\t(.*\n)`).FindAllSubmatch(src, -1) {
		example.Write(line[1])
	}
	return example.String()
}

// withExample is a stub with that code as the body of its method.
func withExample(src []byte, example string) []byte {
	used := []string{"context"}
	for _, name := range []string{"agent", "llm"} {
		if strings.Contains(example, name+".") {
			used = append(used, runtimePath+"/"+name)
		}
	}
	return exampleWith(src, example, used...)
}

package agent_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/agent"
	"github.com/difygen/difygen/runtime/invoke"
)

// noTools is a service that belongs to no request.
var noTools invoke.Tools

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func sprint(v any) string { return fmt.Sprint(v) }

func TestNamesOfTools(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 70)
	for name, test := range map[string]struct {
		tools []agent.Tool
		want  []string
	}{
		"different": {[]agent.Tool{tool("a", "p"), tool("b", "p")}, []string{"a", "b"}},
		"the same": {
			[]agent.Tool{tool("search", "langgenius/google/google"), tool("other", "p"), tool("search", "x/bing")},
			[]string{"google_search", "other", "bing_search"},
		},
		"of one provider": {[]agent.Tool{tool("a", "p"), tool("a", "p"), tool("a", "p")}, []string{"p_a", "p_a_2", "p_a_3"}},
		"of servers": {
			[]agent.Tool{{Name: "a", Provider: "s1", ProviderType: invoke.ToolMCP}, {Name: "a", Provider: "s2", ProviderType: invoke.ToolMCP}},
			[]string{"a", "a_2"},
		},
		"odd characters": {[]agent.Tool{tool("get /a.b", "p"), tool("é", "p"), tool("get_/a.b", "q")}, []string{"p_get__a_b", "_", "q_get__a_b"}},
		"long":           {[]agent.Tool{tool(long, "p"), tool(long+"y", "p")}, []string{"p_" + long[:62], "p_" + long[:60] + "_2"}},
		"taken":          {[]agent.Tool{tool("p_a", "q"), tool("a", "p"), tool("a", "r")}, []string{"p_a", "p_a_2", "r_a"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := agent.NewToolset(noTools, test.tools)
			var got []string
			for i, tool := range set.ForModel() {
				got = append(got, tool.Name)
				if set.Find(tool.Name) != &test.tools[i] {
					t.Errorf("%s is another tool", tool.Name)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
		})
	}
	var none *agent.Toolset
	if none.ForModel() != nil || none.Find("a") != nil {
		t.Error("a nil set has tools")
	}
}

// TestManyTools checks that names of tools do not take more work the more there are.
func TestManyTools(t *testing.T) {
	work := func(n int) float64 {
		tools := make([]agent.Tool, n)
		for i := range tools {
			tools[i] = agent.Tool{Name: "a", ProviderType: invoke.ToolAPI}
		}
		return testing.AllocsPerRun(1, func() { agent.NewToolset(noTools, tools) })
	}
	if few, many := work(500), work(5000); many > 20*few {
		t.Errorf("%v allocations for 500 tools, and %v for 5000", few, many)
	}
}

func tool(name, provider string) agent.Tool {
	return agent.Tool{Name: name, Provider: provider, ProviderType: invoke.ToolBuiltin}
}

// TestSchemasOfTools checks what models know of the parameters.
func TestSchemasOfTools(t *testing.T) {
	t.Parallel()
	parameters := func(types ...string) (list []agent.Parameter) {
		for _, typ := range types {
			list = append(list, agent.Parameter{Parameter: runtime.Parameter{
				Name: typ, Type: typ, Form: "llm", LLMDescription: "d", Options: []runtime.Choice{{Value: "x"}, {Value: "y"}},
			}})
		}
		return list
	}
	all := parameters("", "string", "select", "secret-input", "dynamic-select", "date", "checkbox", "number", "boolean", "array", "object", "any", "date-range",
		"file", "files", "system-files", "app-selector", "model-selector", "array[tools]", "hologram")
	all[0].Name = "none"
	required, set, several, own, again := all[1], all[1], all[2], all[1], all[1]
	required.Name, required.Required, required.LLMDescription, required.Description = "required", true, "", "for people"
	set.Name, set.Form = "set", "form"
	several.Name, several.Multiple = "several", true
	own.Name, own.Schema = "own", map[string]any{"type": "integer"}
	again.Required = true // a second parameter of that name
	tools := []agent.Tool{{Name: "t", Description: "Does it.", Parameters: append(all, required, set, several, own, again)}}
	if n := len(tools[0].ModelParameters()); n != 13+4 {
		t.Errorf("a model sets %d parameters", n)
	}
	got := encode(t, agent.NewToolset(noTools, tools).ForModel()[0])
	const text = `{"description":"d","type":"string"}`
	want := `{"name":"t","description":"Does it.","parameters":{"properties":{` +
		`"any":{"description":"d"},"array":{"description":"d","items":{},"type":"array"},"boolean":{"description":"d","type":"boolean"},` +
		`"checkbox":` + text + `,"date":` + text +
		`,"date-range":{"description":"d","properties":{"end":{"type":"string"},"start":{"type":"string"}},"type":"object"},` +
		`"dynamic-select":` + text + `,"none":` + text + `,"number":{"description":"d","type":"number"},` +
		`"object":{"description":"d","type":"object"},"own":{"type":"integer"},"required":{"description":"for people","type":"string"},` +
		`"secret-input":` + text + `,"select":{"description":"d","enum":["x","y"],"type":"string"},` +
		`"several":{"description":"d","items":{"enum":["x","y"],"type":"string"},"type":"array"},"string":` + text +
		`},"required":["required"],"type":"object"}}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tool (-want +got):\n%s", diff)
	}
}

// TestRequest checks that a model sets its own parameters, and no others.
func TestRequest(t *testing.T) {
	t.Parallel()
	parameter := func(name, form, typ string) agent.Parameter {
		return agent.Parameter{Parameter: runtime.Parameter{Name: name, Form: form, Type: typ}}
	}
	tool := agent.Tool{
		Name: "search", Provider: "p", ProviderType: invoke.ToolMCP, CredentialID: "c",
		Parameters: []agent.Parameter{
			parameter("q", "llm", ""), parameter("n", "llm", "number"), parameter("url", "form", ""), parameter("key", "schema", ""),
			parameter("f", "llm", "file"), parameter("both", "llm", ""), parameter("both", "form", ""),
		},
		RuntimeParameters: map[string]any{"url": "https://example.com", "n": 5, "undeclared": "user"},
	}
	arguments := map[string]any{
		"q": "a", "n": 7.0, "url": "https://evil.example", "key": "k", "extra": true, "undeclared": "model", "both": "model",
		"f": map[string]any{"url": "http://169.254.169.254/"},
	}
	want := &invoke.ToolRequest{
		Type: invoke.ToolMCP, Provider: "p", Tool: "search", CredentialID: "c",
		Parameters: map[string]any{"q": "a", "n": 7.0, "url": "https://example.com", "undeclared": "user"},
	}
	if diff := cmp.Diff(want, tool.Request(arguments)); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	if len(arguments) != 8 || tool.RuntimeParameters["n"] != 5 {
		t.Error("the arguments or the values of the user have changed")
	}
}

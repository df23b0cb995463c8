package model_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/model"
)

// TestItemNames loads an item, and a provider with an item in it, whose comments choose
// names.
func TestItemNames(t *testing.T) {
	t.Parallel()
	const event = `identity: {author: me, name: e, label: {en_US: E}}
description: {en_US: E}
parameters:
  # difygen:name Depth
  - {name: level, type: number, label: {en_US: L}}
`
	item, findings := model.LoadItem("e.yaml", []byte(event), model.KindTrigger)
	if diags := findings.Settle(); item == nil || len(diags) > 0 {
		t.Fatal(item, diags)
	}
	want := model.GoName{Name: "Depth", Pos: model.Position{File: "e.yaml", Line: 4, Column: 3}}
	if diff := cmp.Diff(want, item.Parameters.Fields[0].GoName); diff != "" {
		t.Errorf("in an item (-want +got):\n%s", diff)
	}
	p, findings, err := model.Load("p.yaml", []byte(header+`tools:
- identity: {author: me, name: t, label: {en_US: T}}
  description: {human: {en_US: T}, llm: T}
  parameters:
  - name: level # difygen:name Depth
    type: number
    form: llm
    label: {en_US: L}
    human_description: {en_US: L}
`), model.KindTool)
	if diags := findings.Settle(); err != nil || p == nil || len(diags) > 0 {
		t.Fatal(p, diags, err)
	}
	if got := p.Listed.Items[0].Item.Parameters.Fields[0].GoName.Name; got != "Depth" {
		t.Errorf("in a provider: got %q", got)
	}
}

// TestItems checks diagnostics of items, and of the lists that hold them.
func TestItems(t *testing.T) {
	t.Parallel()
	const (
		event = "identity: {author: me, name: e, label: {en_US: E}}\ndescription: {en_US: E}\nparameters:\n"
		tool  = "identity: {author: me, name: t, label: {en_US: T}}\ndescription: {human: {en_US: T}, llm: T}\nparameters:\n"
		p     = "label: {en_US: L}, human_description: {en_US: D}, form: llm"
	)
	for _, test := range []struct{ kind, yaml, want string }{
		{"event", event + "- {name: a, type: select, label: {en_US: A}, options: [{value: .nan, label: {en_US: N}}]}\n",
			"f.yaml:4:64: warning: parameter a: value holds a number that is not finite [not-json]"},
		{"tool", tool + "- {name: a, type: string, default: 'x', min: 3, max: 4, " + p + "}\n", ""},
		{"tool", tool + "- {name: a, type: number, default: '7.5', min: 3, max: 8, " + p + "}\n", ""},
		{"tool", tool + "- {name: a, type: number, default: many, " + p + "}\n",
			"f.yaml:4:27: warning: parameter a: the default must be a number; this one is not used [default-value]"},
		{"tool", tool + "- {name: a, type: number, default: .inf, min: -.inf, " + p + "}\n",
			"f.yaml:4:36: warning: parameter a: default holds a number that is not finite [not-json]\n" +
				"f.yaml:4:47: warning: parameter a: min holds a number that is not finite [not-json]"},
		{"tool", tool + "- {name: a, type: object, default: {1: x}, " + p + "}\n",
			"f.yaml:4:37: warning: parameter a: default has a key that is not text; put it in quotes [not-json]"},
		{"tool", tool + "- {name: a, type: select, options: [{value: 1, label: {en_US: O}}, {value: x, label: {en_US: X}}], " + p + "}\n",
			"f.yaml:4:45: warning: parameter a: the value of option 1 is a number, which the host treats as text; put it in quotes [option-value]"},
		{"tool", tool + "- {name: a, type: number, precision: 1.5, " + p + "}\n",
			"f.yaml:4:38: warning: parameter a: the host cuts precision to 1; write a whole number [dropped]"},
		{"tool", tool[:len(tool)-len("parameters:\n")] + "output_schema: {<<: {1: x}, properties: {text: {}, count: {2: y}}}\n",
			"f.yaml:3:42: warning: output_schema: Dify reserves the name text for an output of its own; choose another name [output-name]\n" +
				"f.yaml:3:60: warning: output_schema has a key that is not text; put it in quotes [not-json]"},
		{"datasource", "identity: {author: me, name: d, label: {en_US: D}}\ndescription: {en_US: D}\noutput_schema: {properties: {files: {type: array}, Text: {type: string}}}\n",
			"f.yaml:3:30: warning: output_schema: Dify reserves the name files for an output of its own; choose another name [output-name]"},
		{"event", event[:len(event)-len("parameters:\n")] + "output_schema: {properties: {text: {type: string}}}\n", ""},
		{"model", "model: m\nmodel_type: text2img\nfeatures: [toolcall]\nmodel_properties: {1: {2: x}}\n",
			"f.yaml:2:1: warning: model_type: Dify does not know text2img, which makes the whole provider unusable; it knows llm, text-embedding, rerank, speech2text, moderation, tts [unknown-word]\n" +
				"f.yaml:3:12: warning: features: Dify does not know toolcall, which makes the whole provider unusable; it knows tool-call, multi-tool-call, stream-tool-call, agent-thought, vision, document, video, audio, structured-output, polling (did you mean tool-call?) [unknown-word]\n" +
				"f.yaml:4:20: warning: model_properties: Dify does not know 1, which makes the whole provider unusable; " + knownProperties + " [unknown-word]"},
		{"model", "model: m\nmodel_type: llm\nparameter_rules: [{name: t, use_template: temprature}]\npricing: {input: 1x, unit: 1e99999, currency: USD}\n",
			"f.yaml:3:43: error: the host has no template temprature (did you mean temperature?) [yaml-type]\n" +
				"f.yaml:4:18: error: pricing.input must be a decimal number, such as 0.15, not text [yaml-type]\n" +
				"f.yaml:4:28: error: pricing.unit must be a decimal number, such as 0.15, not text [yaml-type]"},
		{"model", "model: m\nmodel_type: llm\nparameter_rules: [{name: t, use_template: temprature}]\n",
			"f.yaml:3:43: error: the host has no template temprature (did you mean temperature?) [yaml-type]"},
	} {
		if diff := cmp.Diff(test.want, diagnoseFile(test.kind, test.yaml)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.yaml, diff)
		}
	}
}

// TestItemLists checks what the host silently drops from the list of a provider's items.
func TestItemLists(t *testing.T) {
	t.Parallel()
	const models = "provider: p\nlabel: {en_US: P}\nsupported_model_types: [llm]\nconfigurate_methods: [predefined-model]\nmodels:"
	for _, test := range []struct {
		kind       model.Kind
		yaml, want string
		items      int
	}{
		{model.KindEndpoint, "settings: []\nendpoints:\n- a.yaml\n- {path: /a, method: GET}\n- {path: [], method: GET}\n- b.yaml\n",
			"p.yaml:5:3: warning: the host cannot load this endpoint, and silently ignores it and what follows it in the list [dropped]", 2},
		{model.KindTool, header + "x: &x a.yaml\ntools: [*x, [b.yaml], b.yaml]\n",
			"p.yaml:8:9: warning: the host ignores this element of tools: it must be the name of a file, not the alias *x [dropped]\n" +
				"p.yaml:8:13: warning: the host ignores this element of tools: it must be the name of a file, not a list [dropped]", 1},
		{model.KindTool, header + "tools: {a: b}\n",
			"p.yaml:7:1: warning: the host ignores tools: it must be a list of files, not a map [dropped]", 0},
		{model.KindModel, models + "\n- {model: a, model_type: llm}\n-\n",
			"p.yaml:7:2: warning: the host drops this item because it is empty [dropped]", 1},
		{model.KindModel, models + " {llm: {predefined: [a, [b]], posision: x}, tts: x, text-embedding: {}, moderation: {predefined: a}}\n",
			"p.yaml:5:32: warning: the host ignores this element of models.llm.predefined: it must be a pattern for files, not a list [dropped]\n" +
				"p.yaml:5:38: warning: the host ignores the key posision in models.llm (did you mean position?) [unknown-key]\n" +
				"p.yaml:5:52: warning: the host ignores models.tts: it must be a map, not text [dropped]\n" +
				"p.yaml:5:60: warning: the host ignores the key text-embedding in models (did you mean text_embedding?) [unknown-key]\n" +
				"p.yaml:5:93: warning: the host ignores models.moderation.predefined: it must be a list of files, not text [dropped]", 1},
	} {
		p, _, err := model.Load("p.yaml", []byte(test.yaml), test.kind)
		if err != nil || p == nil || len(p.Listed.Items) != test.items {
			t.Errorf("%s: %+v, %v", test.yaml, p, err)
		}
		if diff := cmp.Diff(test.want, diagnose(t, test.kind, test.yaml)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.yaml, diff)
		}
	}
}

func TestNeededPermissions(t *testing.T) {
	t.Parallel()
	const (
		endpoints = "f.yaml:12:3: warning: resource.permission.endpoint.enabled must be true, or nobody can set up an endpoint [manifest]"
		agents    = "f.yaml:12:3: warning: resource.permission permits neither models (model.enabled and model.llm) nor tools (tool.enabled), so agent strategies can call none [manifest]"
	)
	for _, test := range []struct{ kind, permission, want string }{
		{"endpoints", "{}", endpoints},
		{"endpoints", "{endpoint: {enabled: true}}", ""},
		{"agent_strategies", "{}", agents},
		{"agent_strategies", "{model: {enabled: true, rerank: true}, tool: {enabled: false}}", agents},
		{"agent_strategies", "{tool: {enabled: true}}", ""},
		{"agent_strategies", "{model: {enabled: true, llm: true}}", ""},
		{"tools", "{}", ""},
	} {
		yaml := strings.Replace(acceptableFiles["manifest"], "{tools: [p.yaml]}", "{"+test.kind+": [p.yaml]}", 1)
		yaml = strings.Replace(yaml, "    storage: {enabled: true, size: 1024}\n", "    "+test.permission+"\n", 1)
		if diff := cmp.Diff(test.want, diagnoseFile("manifest", yaml)); diff != "" {
			t.Errorf("%s with %s: diagnostics (-want +got):\n%s", test.kind, test.permission, diff)
		}
	}
}

// TestDecimals compares how prices are spelled with what the host makes of them.
func TestDecimals(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]any{
		"0.10": "0.1", "1e-6": "0.000001", "'.5'": "0.5", "5.": "5", "+1": "1", "-0.0": "0", "-1.50": "-1.5", "0.10e3": "100", "1E+2": "100",
		"007": "7", "12345678901234567890.12": "12345678901234567890.12", "1e5": "100000", "~": "0",
	} {
		item, findings := model.LoadItem("m.yaml", []byte("model: m\nmodel_type: llm\npricing: {input: "+in+", unit: 1, currency: USD}\n"), model.KindModel)
		if item == nil {
			t.Errorf("%s: %v", in, findings.Settle())
			continue
		}
		pricing, _ := item.HostForm()["pricing"].(map[string]any)
		if pricing["input"] != want {
			t.Errorf("%s: got %v, want %v", in, pricing["input"], want)
		}
	}
	for _, in := range []string{"1_000", "0x10", "1e", "''", "x", ".", "1.2.3", "1e10001", "1.-5", "[1]"} {
		if item, _ := model.LoadItem("m.yaml", []byte("model: m\nmodel_type: llm\npricing: {input: "+in+"}\n"), model.KindModel); item != nil {
			t.Errorf("%s is loaded", in)
		}
	}
}

// TestLineEnds checks that comments belong to the elements of the YAML package's lines, which
// end with more characters than those of most editors.
func TestLineEnds(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"\u2028", "\u2029", "\u0085", "\r"} {
		yaml := strings.Replace(header, "{en_US: P}", "{en_US: \"P"+end+" x\"}", 1) + `credentials_for_provider:
  id: {type: text-input, label: {en_US: ID}}
  address: {type: text-input, label: {en_US: Address}} # difygen:name BaseURL
`
		p, diags := load(t, yaml)
		if p == nil || len(diags) > 0 {
			t.Fatal(diags)
		}
		fields := p.Sections[0].Fields
		if fields[0].GoName.Name != "" || fields[1].GoName.Name != "BaseURL" {
			t.Errorf("%q: got the names %q and %q", end, fields[0].GoName.Name, fields[1].GoName.Name)
		}
	}
}

package model_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	_ "github.com/difygen/difygen/internal/golden"
	"github.com/difygen/difygen/model"
)

// header is an identity that breaks no rule. Fields start on line 7.
const header = `identity:
  author: a
  name: p
  label: {en_US: P}
  description: {en_US: P}
  icon: i.svg
`

func load(t *testing.T, yaml string) (*model.Provider, []string) {
	t.Helper()
	p, diags, err := model.Load("p.yaml", []byte(yaml), model.KindTool)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, d := range diags {
		lines = append(lines, d.String())
	}
	return p, lines
}

func TestDiagnostics(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		yaml string
		want []string
	}{
		{"nothing wrong", header + "credentials_for_provider:\n  k: {type: text-input, label: {en_US: L}}\n", nil},
		{
			"all load errors at once",
			header + `credentials_for_provider:
  a:
    type: text-input
    required: "true"
    label: Key
  b:
    type: [x]
    label: {en_US: L}
    options: [x, y]
`,
			[]string{
				"p.yaml:10:15: error: credentials_for_provider.a.required must be true or false, not text (did you mean true?) [yaml-type]",
				"p.yaml:11:12: error: credentials_for_provider.a.label must be a map of languages such as {en_US: …}, not text [yaml-type]",
				"p.yaml:13:11: error: credentials_for_provider.b.type must be text, not a list [yaml-type]",
				"p.yaml:15:15: error: credentials_for_provider.b.options[0] must be an option, a map with value and label, not text [yaml-type]",
				"p.yaml:15:18: error: credentials_for_provider.b.options[1] must be an option, a map with value and label, not text [yaml-type]",
			},
		},
		{
			"key twice",
			header + "credentials_for_provider:\n  a:\n    type: text-input\n    label: {en_US: L}\n    type: select\n",
			[]string{"p.yaml:11:5: error: key type is already given on line 9 [duplicate-key]"},
		},
		{
			"unknown and missing types",
			header + "credentials_for_provider:\n  a: {type: secret_input, label: {en_US: L}}\n  b: {type: string, label: {en_US: L}}\n  c: {label: {en_US: L}}\n  d: {type: number, label: {en_US: L}}\n",
			[]string{
				"p.yaml:8:7: error: field a has the unknown type secret_input (did you mean secret-input?) [field-type]",
				"p.yaml:9:7: warning: field b: the host does not know the type string here (did you mean text-input?) [field-type]",
				"p.yaml:10:3: error: field c has no type [field-type]",
				"p.yaml:11:7: error: field d has the unknown type number [field-type]",
			},
		},
		{
			"dropped entries",
			header + "credentials_for_provider:\n  a: &x {type: text-input, label: {en_US: L}}\n  b: *x\n  c:\n  d: text\n  <<: *x\n",
			[]string{
				"p.yaml:9:3: warning: the host drops field b: it takes no alias here, write the field out (<<: *x inside it works) [dropped]",
				"p.yaml:10:3: warning: the host drops field c: it is empty [dropped]",
				"p.yaml:11:3: warning: the host drops field d: it must be a map, not text [dropped]",
				"p.yaml:12:3: warning: the host drops << here: it merges inside a field, not among fields [dropped]",
			},
		},
		{
			"list items without name, empty and repeated",
			header + "credentials_schema:\n- {type: text-input, label: {en_US: L}}\n-\n- {name: a, type: text-input, label: {en_US: L}}\n- {name: a, type: secret-input, label: {en_US: L}}\n",
			[]string{
				"p.yaml:8:3: warning: a field without a name is left out [nameless-field]",
				"p.yaml:9:2: warning: the host drops this item: it is empty [dropped]",
				"p.yaml:11:3: warning: field a is declared on line 10 too; the last declaration holds [duplicate-name]",
			},
		},
		{
			"both sections",
			header + "credentials_for_provider:\n  a: {type: text-input, label: {en_US: L}}\ncredentials_schema:\n  b: {type: text-input, label: {en_US: L}}\n",
			[]string{"p.yaml:7:1: warning: the host ignores credentials_for_provider, since credentials_schema is there too [dropped]"},
		},
		{
			"alias for a section",
			header + "x: &x {a: {type: text-input, label: {en_US: L}}}\ncredentials_for_provider: *x\n",
			[]string{"p.yaml:8:27: error: credentials_for_provider must be a map or list of fields, the host takes no alias here [yaml-type]"},
		},
		{
			"texts and options",
			header + `credentials_for_provider:
  a:
    type: select
    label: {zh_Hans: L}
    help: {}
    default: [1]
    scope: llm
    options:
    - {value: "", label: {en_US: X}}
    - {value: x}
    - {value: x, label: {en_US: X}}
  b: {type: select, label: {en_US: L}}
  c: {type: model-selector, scope: lmm, label: {en_US: L}}
  d: {type: text-input}
`,
			[]string{
				"p.yaml:10:5: warning: field a: label needs a text in en_US [label]",
				"p.yaml:11:5: warning: field a: help needs a text in en_US [label]",
				"p.yaml:12:5: warning: field a: the default must be text, a number or a boolean [default-type]",
				"p.yaml:13:5: warning: field a: only a selector has a scope [scope]",
				"p.yaml:15:8: warning: field a: an option has no value [option-value]",
				"p.yaml:16:7: warning: field a: option x needs a label in en_US [label]",
				"p.yaml:17:8: warning: field a: option x is given twice [duplicate-option]",
				"p.yaml:18:3: warning: field b is a select without options [no-options]",
				"p.yaml:19:29: warning: field c: the scope of model-selector is one of llm, text-embedding, rerank, tts, speech2text, moderation, vision (did you mean llm?) [scope]",
				"p.yaml:20:3: warning: field d: label is missing [label]",
			},
		},
		{
			"default that no one can choose",
			header + "credentials_for_provider:\n  a: {type: select, default: z, label: {en_US: L}, options: [{value: x, label: {en_US: X}}]}\n  b: {type: boolean, default: maybe, label: {en_US: L}}\n",
			[]string{
				"p.yaml:8:21: warning: field a: the default is not among the options [default-value]",
				"p.yaml:9:22: warning: field b: the default must be true or false [default-value]",
			},
		},
		{
			"identity",
			"identity: {name: a b}\n",
			[]string{
				"p.yaml:1:1: warning: the host requires identity.author [identity]",
				"p.yaml:1:1: warning: the host requires identity.description.en_US [identity]",
				"p.yaml:1:1: warning: the host requires identity.icon [identity]",
				"p.yaml:1:1: warning: the host requires identity.label.en_US [identity]",
				"p.yaml:1:12: warning: identity.name may hold only letters, digits, _ and - [identity]",
			},
		},
		{"syntax", "a: [\n", []string{"p.yaml:1:1: error: not YAML: did not find expected node content [yaml-syntax]"}},
		{"unknown anchor", "a: 1\nb: é *x\nc: *x\n", []string{"p.yaml:2:6: error: not YAML: alias *x has no anchor [yaml-syntax]"}},
		{"not UTF-8", "a: 1\nb: é\xff\n", []string{"p.yaml:2:5: error: the file is not valid UTF-8; save it as UTF-8 [yaml-syntax]"}},
		{"control character", "a: 1\nb: x\x01\n", []string{"p.yaml:2:5: error: not YAML: control characters are not allowed [yaml-syntax]"}},
		{
			"value that contains itself",
			header + "credentials_for_provider:\n  a: {type: text-input, label: {en_US: L}, default: &d [*d]}\n",
			[]string{"p.yaml:8:53: error: anchor &d stands for a value that contains itself [alias-expansion]"},
		},
		{
			"merge of no map",
			header + "credentials_for_provider:\n  a: {type: text-input, label: {en_US: L}, <<: 5}\n",
			[]string{"p.yaml:8:44: error: << wants a map or a list of maps [yaml-type]"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, got := load(t, test.yaml)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPositionsCountCharacters(t *testing.T) {
	t.Parallel()
	p, _ := load(t, "\ufeff"+header+"credentials_for_provider: {é: {type: text-input, label: {en_US: L}}, k: {type: text-input, label: {en_US: L}}}\r\n")
	got := []model.Position{p.Sections[0].Fields[0].Pos, p.Sections[0].Fields[1].Pos}
	want := []model.Position{{File: "p.yaml", Line: 7, Column: 28}, {File: "p.yaml", Line: 7, Column: 70}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("positions (-want +got):\n%s", diff)
	}
}

func TestEffective(t *testing.T) {
	t.Parallel()
	p, _ := load(t, header+`credentials_schema:
- {name: a, type: text-input, label: {en_US: first}}
- {type: text-input, label: {en_US: nameless}}
- {name: b, type: text-input, label: {en_US: b}}
- {name: a, type: secret-input, label: {en_US: last}}
`)
	var got []string
	for _, f := range p.Section(model.SectionCredentials).Effective() {
		got = append(got, f.Name+" "+string(f.Type)+" "+f.Label.English)
	}
	if diff := cmp.Diff([]string{"a secret-input last", "b text-input b"}, got); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func TestLoadKinds(t *testing.T) {
	t.Parallel()
	if _, _, err := model.Load("p.yaml", nil, "plugin"); err == nil || err.Error() != "p.yaml: unknown kind: plugin" {
		t.Errorf("unknown kind: %v", err)
	}
	p, diags, err := model.Load("p.yaml", []byte("not: [yaml"), model.KindAgentStrategy)
	if err != nil || len(diags) > 0 || len(p.Sections) > 0 {
		t.Errorf("agent strategy: %v, %v, %v", p, diags, err)
	}
}

// bomb is nine levels of lists of nine aliases.
func bomb(indent string) string {
	var b strings.Builder
	b.WriteString(indent + "l0: &l0 [x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 9; i++ {
		fmt.Fprintf(&b, "%sl%d: &l%d [%s]\n", indent, i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*l%d, ", i-1), 9), ", "))
	}
	return b.String()
}

// TestHostileSize holds what should be cheap to time and memory.
func TestHostileSize(t *testing.T) {
	var shared, keys strings.Builder
	shared.WriteString(header + "credentials_for_provider:\n  a:\n    type: select\n    label: {en_US: L}\n    options: &o\n")
	shared.WriteString(strings.Repeat("    - {value: x, label: &b {en_US: X}}\n", 2000))
	for i := range 2000 {
		fmt.Fprintf(&shared, "  k%d: {type: select, label: {en_US: L}, options: *o}\n", i)
	}
	keys.WriteString(header)
	for i := range 300_000 {
		fmt.Fprintf(&keys, "k%d: 1\n", i)
	}
	tests := []struct {
		name, yaml, want string
	}{
		{"bomb in a default", bomb("") + header + "credentials_for_provider:\n  a: {type: text-input, label: {en_US: L}, default: *l8}\n", "aliases stand for more than"},
		{"bomb over many fields", shared.String(), "aliases stand for more than"},
		{"self-referring section", header + "credentials_for_provider: &c\n  a: {type: text-input, label: {en_US: L}, default: *c}\n", "contains itself"},
		{"very many keys", keys.String(), "is too large"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			p, diags := load(t, test.yaml)
			elapsed := time.Since(start)
			runtime.ReadMemStats(&after)
			if p != nil || len(diags) == 0 || !strings.Contains(strings.Join(diags, "\n"), test.want) {
				t.Errorf("got %d diagnostics, the first %.300q; want one with %q", len(diags), diags, test.want)
			}
			// The bound is a second and 100 MB; the race detector needs more.
			if elapsed > 5*time.Second {
				t.Errorf("took %v", elapsed)
			}
			if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > 300 {
				t.Errorf("allocated %d MiB for %d KiB of YAML", got, len(test.yaml)>>10)
			}
		})
	}
	t.Run("bomb that the host never looks at", func(t *testing.T) {
		p, diags := load(t, bomb("")+header)
		if p == nil || len(diags) > 0 {
			t.Errorf("got %v", diags)
		}
	})
	t.Run("ten megabytes of help", func(t *testing.T) {
		p, diags := load(t, header+"credentials_for_provider:\n  a: {type: text-input, label: {en_US: L}, help: {en_US: \""+strings.Repeat("help ", 2<<20)+"\"}}\n")
		if p == nil || len(diags) != 1 || !strings.Contains(diags[0], "[length]") {
			t.Errorf("got %.300q", diags)
		}
	})
}

func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"", "\x00", "a: &a [*a]", "? [a]\n: {b: c}", "<<: {? [a] : b}", "identity: {<<: {? {a: b} : c}}",
		header + "credentials_for_provider:\n  ? [x]\n  : {type: text-input}\n  <<: {a: {}}\n",
		header + "credentials_for_provider: &c\n  a: {<<: *c, default: *c}\n",
		header + "oauth_schema: {client_schema: [{name: a, type: select, options: [{value: 1}]}, null, 5]}\n",
		bomb("") + "credentials_schema: [{name: a, default: *l8}]",
		"\xff\xfea\x00:\x00 \x001\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, diags, err := model.Load("p.yaml", data, model.KindTool)
		if err != nil {
			t.Fatal(err)
		}
		if p == nil && !diags.HasErrors() {
			t.Error("neither a provider nor an error")
		}
		lines := strings.Count(string(data), "\n") + strings.Count(string(data), "\r") + 2
		for _, d := range diags {
			if d.Pos.Line < 1 || d.Pos.Line > lines+strings.Count(string(data), "\u2028")+strings.Count(string(data), "\u0085")+strings.Count(string(data), "\u2029") || strings.ContainsAny(d.String(), "\r\n\x1b") {
				t.Errorf("bad diagnostic %q in %d lines", d, lines)
			}
		}
		if p != nil {
			if _, err := model.Inspect([]*model.Provider{p}); err != nil {
				t.Error(err)
			}
		}
		model.LoadManifest("manifest.yaml", data)
		model.DetectKind(data)
	})
}

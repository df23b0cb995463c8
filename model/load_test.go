package model_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/difygen/difygen/internal/golden"
	"github.com/difygen/difygen/model"
)

// header is an identity that breaks no rule. It has 6 lines.
const header = `identity:
  author: a
  name: p
  label: {en_US: P}
  description: {en_US: P}
  icon: i.svg
`

func load(t *testing.T, yaml string) (*model.Provider, []string) {
	t.Helper()
	p, findings, err := model.Load("p.yaml", []byte(yaml), model.KindTool)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, d := range findings.Settle() {
		lines = append(lines, d.String())
	}
	return p, lines
}

// TestDiagnostics compares the diagnostics of each archive in testdata/golden/diagnostics.
func TestDiagnostics(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../testdata/golden/diagnostics/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if golden.Update() && len(archive.Files) == 1 {
				archive.Files = append(archive.Files, txtar.File{Name: "diagnostics.txt"})
			}
			if len(archive.Files) != 2 || archive.Files[0].Name != "provider.yaml" || archive.Files[1].Name != "diagnostics.txt" {
				t.Fatal("want provider.yaml and diagnostics.txt")
			}
			_, findings, err := model.Load("provider.yaml", archive.Files[0].Data, model.DetectKind(archive.Files[0].Data))
			if err != nil {
				t.Fatal(err)
			}
			archive.Files[1].Data = nil
			for _, d := range findings.Settle() {
				archive.Files[1].Data = append(archive.Files[1].Data, d.String()+"\n"...)
			}
			golden.Check(t, file, txtar.Format(archive))
		})
	}
}

// TestBytes loads bytes that a text archive cannot hold.
func TestBytes(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]string{
		"a: 1\nb: é\xff\n": "p.yaml:2:5: error: the file is not valid UTF-8; save it as UTF-8 [yaml-syntax]",
		"a: 1\nb: x\x01\n": "p.yaml:2:5: error: not YAML: found the control character U+0001; remove it [yaml-syntax]",
	} {
		if _, got := load(t, yaml); len(got) != 1 || got[0] != want {
			t.Errorf("%q: got %q, want %q", yaml, got, want)
		}
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
	p, findings, err := model.Load("p.yaml", []byte(header+"strategies: []\n"), model.KindAgentStrategy)
	if diags := findings.Settle(); err != nil || len(diags) > 0 || len(p.Sections) > 0 {
		t.Errorf("agent strategy: %v, %v, %v", p, diags, err)
	}
}

// bomb returns nine levels of lists of nine aliases.
func bomb() string {
	var b strings.Builder
	b.WriteString("l0: &l0 [x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 9; i++ {
		fmt.Fprintf(&b, "l%d: &l%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*l%d, ", i-1), 9), ", "))
	}
	return b.String()
}

// TestHostileSize bounds the time and memory that hostile files take.
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
	var inLine, maps, fields, options strings.Builder
	inLine.WriteString(header + "credentials_for_provider: {")
	fields.WriteString(header + "credentials_for_provider:\n")
	maps.WriteString(header + "credentials_for_provider:\n")
	options.WriteString(header + "credentials_for_provider:\n  a:\n    type: select\n    label: {en_US: L}\n    options:\n")
	for i := range 12_000 {
		fmt.Fprintf(&inLine, "k%d: {type: text-input, label: {en_US: L}, required: 7}, ", i)
		fmt.Fprintf(&fields, "  k%d: {type: text-input, label: {en_US: L}}\n", i)
		fmt.Fprintf(&options, "    - {value: v%d, label: {en_US: L}}\n", i)
	}
	inLine.WriteString("}\n")
	for i := range 90 {
		fmt.Fprintf(&maps, "  k%d: {type: text-input, label: {en_US: L}, default: {", i)
		for j := range 3000 {
			fmt.Fprintf(&maps, "a%d: 1, ", j)
		}
		maps.WriteString("}}\n")
	}
	one, _, _ := strings.Cut(shared.String(), "  k0:")
	tests := []struct {
		name, yaml, want string
	}{
		{"a key again and again", header + strings.Repeat("type: x\n", 9000), "define keys too many times"},
		{"list of aliases", strings.Replace(one, "  a:\n", "  a: &a\n", 1) +
			"credentials_schema: [" + strings.Repeat("*a, ", 3000) + "]\n", "aliases expand to more than"},
		{"many errors on one line", inLine.String(), "must be true or false"},
		{"many wide maps", maps.String(), "too many keys"},
		{"many fields", fields.String(), "a section of 12000 fields is too large"},
		{"many options", options.String(), "a field with 12000 options is too large"},
		{"merges that double", doubling(40) + "<<: *a40\n" + header, "aliases expand to more than"},
		{"bomb in a default", bomb() + header + "credentials_for_provider:\n  a: {type: text-input, label: {en_US: L}, default: *l8}\n", "aliases expand to more than"},
		{"bomb over many fields", shared.String(), "aliases expand to more than"},
		{"self-referring section", header + "credentials_for_provider: &c\n  a: {type: text-input, label: {en_US: L}, default: *c}\n", "contains itself"},
		{"very many keys", keys.String(), "too many keys"},
		{"aliases to one large value", header + "x: &a\n  name: k\n  type: text-input\n  label: {en_US: L}\n  junk: [" + strings.Repeat("1,", 100_000) + "1]\ncredentials_schema:\n" +
			strings.Repeat("  - *a\n", 9000), "aliases expand to more than"},
		{"empty lines of other kinds", "# difygen:ignore label" + strings.Repeat("\r", 50_000) + "\n" + header + "j:\n" + strings.Repeat("- ''\n", 50_000) + "oauth_schema: 1\n", "oauth_schema must be a map"},
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
			// It takes less than a second, except on a busy machine with the race detector.
			if elapsed > 20*time.Second {
				t.Errorf("took %v", elapsed)
			}
			if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > 300 {
				t.Errorf("allocated %d MiB for %d KiB of YAML", got, len(test.yaml)>>10)
			}
		})
	}
	t.Run("bomb that the host never looks at", func(t *testing.T) {
		p, diags := load(t, bomb()+header)
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

// doubling returns a chain of maps that each merge the previous one twice.
func doubling(n int) string {
	var b strings.Builder
	b.WriteString("a0: &a0 {x: 1}\n")
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "a%d: &a%d {<<: [*a%d, *a%d]}\n", i, i, i-1, i-1)
	}
	return b.String()
}

// TestMergesAreSearchedOnce would not end if a lookup followed every merge.
func TestMergesAreSearchedOnce(t *testing.T) {
	t.Parallel()
	if _, findings := model.LoadManifest("manifest.yaml", []byte("plugins: &a {<<: [*a, *a]}\n")); len(findings.Settle()) != 1 {
		t.Errorf("got %v", findings.Settle())
	}
	if kind := model.DetectKind([]byte(doubling(60) + "<<: *a60\n")); kind != model.KindTool {
		t.Errorf("got %s", kind)
	}
}

// TestValuesStaySecret checks that no message has the default of a secret-input.
func TestValuesStaySecret(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"!!int hunter2secret", "!!float hunter2secret", "!!bool hunter2secret", "{hunter2secret: 1}", "!!binary hunter2secret", "*hunter2secret", "&hunter2secret [*hunter2secret]"} {
		for _, kind := range []string{"credentials_for_provider:\n  key: {type: secret-input, label: {en_US: L}, default: ", "oauth_schema:\n  client_schema:\n  - {name: key, type: secret-input, label: {en_US: L}, default: "} {
			_, diags := load(t, header+kind+value+"}\n")
			if value[0] != '*' && value[0] != '&' && strings.Contains(strings.Join(diags, "\n"), "hunter2") {
				t.Errorf("%s: %s", value, diags)
			}
			if len(diags) == 0 {
				t.Errorf("%s: no diagnostic", value)
			}
		}
	}
}

// TestInspectIsDeterministic inspects keys of different types with the same spelling.
func TestInspectIsDeterministic(t *testing.T) {
	t.Parallel()
	outputs := make(map[string]bool)
	for range 50 {
		p, _ := load(t, header+"credentials_for_provider:\n  a: {type: text-input, label: {en_US: L}, default: {1: a, 1.0: c, 0x1: d}}\n")
		data, err := model.Inspect([]*model.Provider{p})
		if err != nil {
			t.Fatal(err)
		}
		outputs[string(data)] = true
	}
	if len(outputs) != 1 {
		t.Errorf("%d different outputs", len(outputs))
	}
}

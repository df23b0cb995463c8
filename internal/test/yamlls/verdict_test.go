package yamlls_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/difygen/difygen/internal/corpus"
	"github.com/difygen/difygen/internal/test/lsp"
	"github.com/difygen/difygen/internal/test/yamlls"
	"github.com/difygen/difygen/model"
)

// deadline is for all that the server does, on a slow machine.
const deadline = 5 * time.Minute

// batch is how many documents the server has open at once.
const batch = 400

// server returns the path of the server, unless nobody says where it is.
func server(t *testing.T) string {
	t.Helper()
	program := os.Getenv(yamlls.Env)
	if program == "" {
		t.Skipf("SKIPPED: set %s to the path of yaml-language-server", yamlls.Env)
	}
	return program
}

// start starts the server.
func start(t *testing.T, version string) (context.Context, *lsp.Client) {
	t.Helper()
	program := server(t)
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	t.Cleanup(cancel)
	client, err := yamlls.Start(ctx, program, t.TempDir(), version)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return ctx, client
}

// document is a file with what difygen and the server say of it.
type document struct {
	set, schema, name string
	text              string
	ours              model.Diagnostics
	server            []lsp.Diagnostic
}

func documents(t *testing.T) []*document {
	t.Helper()
	var list []*document
	for _, c := range corpus.Cases(t, "tool", "model", "datasource", "trigger", "endpoint", "agent-strategy") {
		source := c.Source(t)
		_, findings, err := model.Load(c.Name(), source, model.Kind(c.Kind))
		if err != nil {
			t.Fatal(err)
		}
		d := document{schema: "provider-" + c.Kind, name: c.Name(), text: string(source), ours: findings.Settle()}
		switch {
		case c.YAML != nil && c.From != "":
			d.set = "broken providers"
		case strings.HasPrefix(c.File, "probes"):
			d.set = "probes"
		default:
			d.set = "providers"
			if kind := model.Kind(c.Kind); model.DetectKind(source) == kind {
				anyKind := d
				anyKind.set, anyKind.schema = "providers of any kind", "provider"
				list = append(list, &anyKind)
			}
		}
		list = append(list, &d)
	}
	for _, c := range corpus.Items(t) {
		kind, ok := model.KindOfItem(c.Kind)
		if !ok {
			t.Fatalf("unknown kind %s", c.Kind)
		}
		source := c.Source(t)
		_, findings := model.LoadItem(c.Name(), source, kind)
		set := "items"
		if c.From != "" {
			set = "broken items"
		}
		list = append(list, &document{set: set, schema: c.Kind, name: c.Name(), text: string(source), ours: findings.Settle()})
	}
	return append(list, manifests(t)...)
}

func manifests(t *testing.T) []*document {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(corpus.Dir(t), "plugins/*/*/manifest.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var list []*document
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, manifest("manifests", file, source))
		for range breaksOfManifest {
			broken, what := breakFile(t, source, uint64(len(list)))
			list = append(list, manifest("broken manifests", file+": "+what, broken))
		}
	}
	return list
}

// breaksOfManifest is how many broken ones are made of each manifest of the corpus, of which it
// has none.
const breaksOfManifest = 4

func manifest(set, name string, source []byte) *document {
	m, findings := model.LoadManifest(name, source)
	findings.Merge(m.Check())
	return &document{set: set, schema: "manifest", name: name, text: string(source), ours: findings.Settle()}
}

// hostRules are the rules whose diagnostics mean that the host's own rules are broken, or that
// it ignores a key.
var hostRules = []model.Rule{
	"label", "length", "option-value", "default-type", "scope", "show-on", "identity", "required", "tag", "unknown-word", "not-json",
	"field-type", "manifest", "unknown-key",
}

func breaks(d model.Diagnostic) bool {
	return d.Severity == model.SeverityError || slices.Contains(hostRules, d.Rule)
}

// unsayable are the reasons why the server says nothing about a file that breaks the host's
// rules. Each explains some diagnostics of ours, or all of a file.
var unsayable = []struct {
	why      string
	explains func(d *document, ours model.Diagnostic) bool
}{
	{"the server fails to check a file with a key that is null", func(d *document, _ model.Diagnostic) bool {
		return nullKey.MatchString(d.text)
	}},
	{"an empty file has no value that a schema can be about", func(d *document, _ model.Diagnostic) bool {
		return slices.ContainsFunc(d.ours, func(d model.Diagnostic) bool { return d.Rule == "empty-file" })
	}},
	{"the server follows aliases, also where the host does not", func(_ *document, ours model.Diagnostic) bool {
		return strings.Contains(ours.Message, "alias")
	}},
	{"to the server, a date without quotes is text", func(d *document, ours model.Diagnostic) bool {
		return strings.Contains(ours.Message, "is a date") || ours.Rule == "default-type" && plainDate.MatchString(d.text)
	}},
	{"to the server, a number is decimal in whatever way it is written, such as 0x10", func(_ *document, ours model.Diagnostic) bool {
		return strings.HasSuffix(ours.Message, "must be a decimal number, such as 0.15, not a number")
	}},
	{"a file can have keys of its own at the top, so a schema takes one that is misspelled", func(_ *document, ours model.Diagnostic) bool {
		return ours.Rule == "unknown-key" && ours.Pos.Column == 1
	}},
	{"a schema cannot say that an endpoint needs a permission in another place", func(_ *document, ours model.Diagnostic) bool {
		return strings.HasPrefix(ours.Message, "resource.permission.endpoint.enabled must be true")
	}},
	{"the server's parser takes some YAML that the host's refuses", func(_ *document, ours model.Diagnostic) bool {
		return ours.Rule == "yaml-syntax"
	}},
}

var (
	nullKey   = regexp.MustCompile(`(?m)^[ -]*~ *:`)
	plainDate = regexp.MustCompile(`(?m)^ *default: +\d{4}-\d{2}-\d{2}`)
	schemaOf  = regexp.MustCompile(`(?m)^# *yaml-language-server: *\$schema=`)
)

var (
	scalarSchema = regexp.MustCompile(`^credentials_schema: [^\[{&*]`)
	switchWord   = regexp.MustCompile(`(?i): (yes|no|on|off|y|n)$`)
)

// line returns a line of the file, from 1.
func (d *document) line(n int) string {
	lines := strings.Split(d.text, "\n")
	return lines[min(n, len(lines))-1]
}

// falseAlarms are the reasons why the server reports something in a file in which we report
// nothing on that line.
var falseAlarms = []struct {
	why      string
	explains func(d *document, server lsp.Diagnostic) bool
}{
	{"the file names a schema of its own, which the server cannot find", func(d *document, _ lsp.Diagnostic) bool {
		return schemaOf.MatchString(d.text)
	}},
	{"the server checks a second document in the file, which the host never reads", func(d *document, _ lsp.Diagnostic) bool {
		return strings.Contains(d.text, "\n---")
	}},
	{"the file is in UTF-16, which an editor would decode", func(d *document, _ lsp.Diagnostic) bool {
		return !utf8.ValidString(d.text)
	}},
	{"the server's parser refuses some YAML that the host's takes, such as a key given twice where nothing reads it", func(d *document, _ lsp.Diagnostic) bool {
		return slices.ContainsFunc(d.server, func(d lsp.Diagnostic) bool { return d.Source == "YAML" })
	}},
	{"the host uses credentials_schema only if it is a map or list", func(d *document, server lsp.Diagnostic) bool {
		return scalarSchema.MatchString(d.line(server.Line))
	}},
	{"in YAML 1.1, words such as yes are true or false, which the host knows only where it wants one of them", func(d *document, server lsp.Diagnostic) bool {
		return switchWord.MatchString(d.line(server.Line))
	}},
	{"we report a language once in a file, the server in each text", func(d *document, server lsp.Diagnostic) bool {
		return strings.Contains(server.Message, "is not allowed") && slices.ContainsFunc(d.ours, func(d model.Diagnostic) bool { return d.Rule == "unknown-language" })
	}},
	{"a path that no request can match is an error when code is generated, not when the file is loaded", func(d *document, _ lsp.Diagnostic) bool {
		return d.schema == "endpoint" || strings.HasSuffix(d.schema, "-endpoint")
	}},
	{"we report the key that looks like properties, the server the map that has none", func(d *document, _ lsp.Diagnostic) bool {
		return slices.ContainsFunc(d.ours, func(d model.Diagnostic) bool { return d.Rule == "output-schema" })
	}},
}

// figures are counts of the files of a set.
type figures struct {
	broken, agreed int // files that break the host's rules; those that the server reports
	fine, alarmed  int // files in which we report nothing; those in which the server does
}

// TestVerdicts compares what the server says of every file of the corpus with what we say, with
// the version of YAML that difygen init sets.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	list := documents(t)
	ctx, client := start(t, "1.1")
	check(ctx, t, client, list)
	sets, explained := make(map[string]*figures), make(map[string]int)
	for _, d := range list {
		f := cmp.Or(sets[d.set], &figures{})
		sets[d.set] = f
		broken := slices.ContainsFunc(d.ours, breaks)
		if len(d.ours) == 0 {
			f.fine++
			f.alarmed += min(len(d.server), 1)
		}
		switch {
		case broken && len(d.server) > 0:
			f.broken++
			f.agreed++
		case broken:
			f.broken++
			explainSilence(t, d, explained)
		default:
			explainAlarms(t, d, explained)
		}
	}
	var all figures
	for _, set := range slices.Sorted(maps.Keys(sets)) {
		f := sets[set]
		all.broken, all.agreed = all.broken+f.broken, all.agreed+f.agreed
		t.Logf("%s: the server reports %d of %d broken files, and something in %d of %d fine ones", set, f.agreed, f.broken, f.alarmed, f.fine)
	}
	for _, why := range slices.Sorted(maps.Keys(explained)) {
		t.Logf("%d: %s", explained[why], why)
	}
	if share := float64(all.agreed) / float64(all.broken); share < 0.95 {
		t.Errorf("the server reports %.3f of the broken files, want 0.95", share)
	}
	for _, u := range unsayable {
		if explained[u.why] == 0 {
			t.Errorf("nothing needs the explanation that %s", u.why)
		}
	}
	for _, a := range falseAlarms {
		if explained[a.why] == 0 {
			t.Errorf("nothing needs the explanation that %s", a.why)
		}
	}
}

// check lets the server check documents.
func check(ctx context.Context, t *testing.T, client *lsp.Client, list []*document) {
	t.Helper()
	began := time.Now()
	name := func(i int) string { return fmt.Sprintf("%s/%d.yaml", list[i].schema, i) }
	for from := 0; from < len(list); from += batch {
		end := min(from+batch, len(list))
		for i := from; i < end; i++ {
			if err := client.Edit(name(i), list[i].text); err != nil {
				t.Fatal(err)
			}
		}
		for i := from; i < end; i++ {
			found, err := client.Diagnostics(ctx, name(i), func([]lsp.Diagnostic) bool { return true })
			if err != nil {
				t.Fatal(err)
			}
			// Hints are about anchors that nothing refers to.
			list[i].server = slices.DeleteFunc(found, func(d lsp.Diagnostic) bool { return d.Severity > 2 })
			if err := client.Shut(name(i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("%d files in %v", len(list), time.Since(began).Round(time.Second))
}

// explainSilence reports diagnostics of ours that the server lacks for no known reason.
func explainSilence(t *testing.T, d *document, explained map[string]int) {
	t.Helper()
	for _, ours := range d.ours {
		if !breaks(ours) {
			continue
		}
		i := 0
		for i < len(unsayable) && !unsayable[i].explains(d, ours) {
			i++
		}
		if i == len(unsayable) {
			t.Errorf("%s, %s: the server reports nothing, but we report %v", d.schema, d.name, ours)
			continue
		}
		explained[unsayable[i].why]++
	}
}

// explainAlarms reports diagnostics of the server on lines where we report nothing, for no
// known reason.
func explainAlarms(t *testing.T, d *document, explained map[string]int) {
	t.Helper()
	for _, server := range d.server {
		if slices.ContainsFunc(d.ours, func(ours model.Diagnostic) bool { return ours.Pos.Line == server.Line }) {
			continue
		}
		i := 0
		for i < len(falseAlarms) && !falseAlarms[i].explains(d, server) {
			i++
		}
		if i == len(falseAlarms) {
			t.Errorf("%s, %s:%d: the server reports %s; we report %v", d.schema, d.name, server.Line, server.Message, d.ours)
			continue
		}
		explained[falseAlarms[i].why]++
	}
}

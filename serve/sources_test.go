package serve_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/difygen/difygen/serve"
)

const (
	stale     = " has changed since the code was generated; the plugin does what it said before: run go generate, then rebuild the plugin"
	staleMany = " have changed since the code was generated; the plugin does what they said before: run go generate, then rebuild the plugin"
)

func sum(text string) string {
	s := sha256.Sum256([]byte(text))
	return hex.EncodeToString(s[:])
}

// folder returns a working directory with files, given as names and contents.
func folder(list ...string) fstest.MapFS {
	fsys := make(fstest.MapFS)
	for i := 0; i < len(list); i += 2 {
		fsys[list[i]] = &fstest.MapFile{Data: []byte(list[i+1])}
	}
	return fsys
}

// TestStaleSources checks which files a plugin warns of.
func TestStaleSources(t *testing.T) {
	t.Parallel()
	sources := map[string]string{"manifest.yaml": sum("a: 1\nb: 2\n"), "provider/box.yaml": sum("box")}
	large := folder("manifest.yaml", "a: 1\nb: 2\n")
	large["provider/box.yaml"] = &fstest.MapFile{Data: make([]byte, 32<<20+1)}
	irregular := folder("manifest.yaml", "a: 1\nb: 2\n")
	irregular["provider/box.yaml"] = &fstest.MapFile{Mode: fs.ModeNamedPipe}
	many := map[string]string{}
	for _, c := range "abcdefg" {
		many[string(c)+".yaml"] = sum("x")
	}
	for name, test := range map[string]struct {
		folder  fstest.MapFS
		sources map[string]string
		want    string
	}{
		"no files":        {folder(), sources, ""},
		"no manifest":     {folder("provider/box.yaml", "other"), sources, ""},
		"the same":        {folder("manifest.yaml", "a: 1\nb: 2\n", "provider/box.yaml", "box"), sources, ""},
		"from Windows":    {folder("manifest.yaml", "a: 1\r\nb: 2\r\n", "provider/box.yaml", "box"), sources, ""},
		"another":         {folder("manifest.yaml", "a: 1\nb: 2\n", "provider/box.yaml", "bx"), sources, "provider/box.yaml" + stale},
		"a missing one":   {folder("manifest.yaml", "x"), sources, "manifest.yaml, provider/box.yaml" + staleMany},
		"too large":       {large, sources, "provider/box.yaml" + stale},
		"irregular":       {irregular, sources, "provider/box.yaml" + stale},
		"many":            {folder("manifest.yaml", "x"), many, "a.yaml, b.yaml, c.yaml, d.yaml, e.yaml and 2 more" + staleMany},
		"nothing to know": {folder("manifest.yaml", "x"), nil, ""},
		"odd names":       {folder("manifest.yaml", "x"), map[string]string{"../a": "", "a\nb.yaml": ""}, `../a, "a b.yaml"` + staleMany},
	} {
		if got := serve.StaleWarning(serve.Declaration{Sources: test.sources}, test.folder); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// TestStaleWarning checks that a plugin whose YAML has changed warns once, and runs.
func TestStaleWarning(t *testing.T) {
	t.Parallel()
	server := listen(t, "")
	d := declaration()
	d.Sources = map[string]string{"manifest.yaml": sum("old")}
	p := run(t, remoteEnv(server), nil, nil, folder("manifest.yaml", "new", "_assets/icon.svg", "other"), newBox().declared(d))
	host := next(t, server, p)
	p.host = host
	if got := string(host.Assets["icon.svg"]); got != "<svg/>" {
		t.Errorf("the plugin declares %q", got)
	}
	if got := p.ask(t.Context(), ""); got != `{"result":true}` {
		t.Errorf("got %s", got)
	}
	host.Disconnect()
	p.host = next(t, server, p)
	p.end(t)
	if got := strings.Count(p.logs.String(), "manifest.yaml"+stale); got != 1 {
		t.Errorf("%d warnings:\n%s", got, p.logs)
	}
}

// TestImports checks that a running plugin contains nothing that reads YAML.
func TestImports(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	const module = "github.com/difygen/difygen/"
	if !slices.Contains(deps, module+"internal/session") {
		t.Errorf("go list prints %q", deps)
	}
	for _, d := range deps {
		if strings.Contains(d, "yaml") || slices.Contains([]string{module + "model", module + "gen", module + "internal/plugin"}, d) {
			t.Errorf("package serve imports %s", d)
		}
	}
}

package pipeline_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/pipeline"
)

// boxManifest is the manifest of a plugin, without what it lists.
const boxManifest = `version: 0.1.0
type: plugin
author: me
name: box
label: {en_US: Box}
description: {en_US: A plugin.}
icon: icon.svg
created_at: 2026-01-31T12:00:00Z
resource: {memory: 1048576}
meta: {version: 0.1.0, arch: [amd64], runner: {language: python, version: "3.12", entrypoint: main}}
`

const (
	boxIdentity = "identity: {author: me, name: box, label: {en_US: Box}, description: {en_US: D}, icon: icon.svg}\n"
	sayTool     = "identity: {author: me, name: say, label: {en_US: Say}}\ndescription: {human: {en_US: Says it.}, llm: Says it.}\n"
)

// sayWith is the file of the tool say with one parameter.
func sayWith(parameter string) string {
	return sayTool + "parameters: [{name: " + parameter + ", type: string, form: llm, label: {en_US: P}, human_description: {en_US: P}}]\n"
}

// newPlugin writes the files of a plugin, with what its manifest lists, into a new folder.
func newPlugin(t *testing.T, lists string, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	all := map[string]string{
		"go.mod": "module example.com/plugin\n", "_assets/icon.svg": "<svg/>",
		"manifest.yaml": boxManifest + "plugins: " + lists + "\n",
	}
	maps.Copy(all, files)
	for name, content := range all {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Dir(file), filepath.Base(file), content)
	}
	return dir
}

// writeWhole generates the plugin in a folder and returns the changes by name.
func writeWhole(t *testing.T, dir string) map[string]string {
	t.Helper()
	result := runWhole(t, dir)
	apply(t, dir, result.Changes)
	changed := make(map[string]string)
	for _, c := range result.Changes {
		changed[filepath.ToSlash(c.Name)] = string(c.New)
	}
	if again := runWhole(t, dir); len(again.Changes) > 0 {
		t.Errorf("a second run changes %v", again.Changes)
	}
	return changed
}

// TestWholePlugins generates plugins whose shape is unusual.
func TestWholePlugins(t *testing.T) {
	t.Parallel()
	many := map[string]string{"provider/box.yaml": boxIdentity + "tools:\n"}
	for i := range 60 {
		file := fmt.Sprintf("tools/t%d.yaml", i)
		many["provider/box.yaml"] += "- " + file + "\n"
		many[file] = strings.Replace(sayTool, "name: say", fmt.Sprintf("name: t%d", i), 1)
	}
	tests := map[string]struct {
		lists string
		files map[string]string
		wrote []string          // some of the files
		has   map[string]string // what files contain
		lacks map[string]string // what they do not
	}{
		"tools that share a name": {
			lists: "{tools: [provider/box.yaml]}",
			files: map[string]string{
				"provider/box.yaml": boxIdentity + "tools: [tools/a.yaml, tools/b.yaml]\n",
				"tools/a.yaml":      sayWith("first"), "tools/b.yaml": sayWith("second"),
			},
			wrote: []string{"provider/say.go"},
			has:   map[string]string{"provider/box_dify.go": "Second string", "plugin_dify.go": `"name": "first"`},
			lacks: map[string]string{"provider/box_dify.go": "First string"},
		},
		"a tool in the provider's file": {
			lists: "{tools: [provider/box.yaml]}",
			files: map[string]string{
				"provider/box.yaml": boxIdentity + "tools: [{identity: {author: me, name: ping, label: {en_US: Ping}}, description: {human: {en_US: P}, llm: P}}, tools/say.yaml]\n",
				"tools/say.yaml":    sayTool,
			},
			wrote: []string{"provider/ping.go", "provider/say.go"},
			has:   map[string]string{"provider/box_dify.go": "Ping is the tool Ping (provider/box.yaml:2)."},
		},
		"an endpoint in the provider's file": {
			lists: "{endpoints: [group/box.yaml]}",
			files: map[string]string{"group/box.yaml": "settings: []\nendpoints: [{path: /hook, method: POST}]\n"},
			wrote: []string{"group/post_hook.go"},
			has:   map[string]string{"plugin_dify.go": `"path":"/hook"`, "group/box_dify.go": "PostHook answers POST /hook (group/box.yaml:2)."},
		},
		"endpoints of one method and path": {
			lists: "{endpoints: [group/box.yaml]}",
			files: map[string]string{
				"group/box.yaml":   "settings: []\nendpoints: [endpoints/a.yaml, endpoints/b.yaml]\n",
				"endpoints/a.yaml": "{path: /hook, method: POST}\n", "endpoints/b.yaml": "{path: /hook, method: POST}\n",
			},
			wrote: []string{"group/a.go"},
			has:   map[string]string{"group/box_dify.go": "A answers POST /hook"},
			lacks: map[string]string{"group/box_dify.go": "BCall"},
		},
		"a group without endpoints": {
			lists: "{endpoints: [group/box.yaml]}",
			files: map[string]string{"group/box.yaml": "settings: [{name: token, type: secret-input, label: {en_US: Token}}]\nendpoints: []\n"},
			wrote: []string{"group/box.go", "group/box_dify.go"},
			has:   map[string]string{"group/box_dify.go": "Endpoints:      []runtime.EndpointBinding[Settings]{},"},
		},
		"the provider's file in the plugin's folder": {
			lists: "{tools: [box.yaml]}",
			files: map[string]string{"box.yaml": boxIdentity + "tools: [tools/say.yaml]\n", "tools/say.yaml": sayTool},
			wrote: []string{"box.go", "box_dify.go", "main.go", "plugin_dify.go", "say.go"},
			has:   map[string]string{"plugin_dify.go": "func newPlugin(provider *BoxProvider, opts", "main.go": "newPlugin(&BoxProvider{})"},
			lacks: map[string]string{"plugin_dify.go": "example.com/plugin"},
		},
		"a stub that is called like that of the main function": {
			lists: "{tools: [main.yaml]}",
			files: map[string]string{"main.yaml": boxIdentity + "tools: [tools/say.yaml]\n", "tools/say.yaml": sayTool},
			has:   map[string]string{"main.go": "type BoxProvider struct", "main_plugin.go": "newPlugin(&BoxProvider{})"},
		},
		"two kinds with one name": {
			lists: "{tools: [provider/box.yaml], endpoints: [group/box.yaml]}",
			files: map[string]string{
				"provider/box.yaml": boxIdentity + "tools: [tools/say.yaml]\n", "tools/say.yaml": sayTool,
				"group/box.yaml": "settings: []\nendpoints: [{path: /hook, method: POST}]\n",
			},
			wrote: []string{"provider/box.go", "provider/box_dify.go", "group/box_endpoint.go", "group/box_endpoint_dify.go"},
			has: map[string]string{
				"plugin_dify.go": "func newPlugin(boxTool *box.Provider, boxEndpoint *box2.EndpointProvider, opts",
				"main.go":        "newPlugin(&box.Provider{}, &box2.EndpointProvider{})",
			},
		},
		"two groups of endpoints, of which the host uses the first": {
			lists: "{endpoints: [group/box.yaml, spare/bag.yaml]}",
			files: map[string]string{
				"group/box.yaml": "settings: []\nendpoints: [{path: /hook, method: POST}]\n",
				"spare/bag.yaml": "settings: []\nendpoints: [{path: /spare, method: POST}]\n",
			},
			wrote: []string{"group/box_dify.go", "spare/bag_dify.go"},
			has:   map[string]string{"plugin_dify.go": "func newPlugin(provider *box.Provider, opts"},
			lacks: map[string]string{"plugin_dify.go": "example.com/plugin/spare"},
		},
		"a package in the plugin's folder of a provider that the manifest lists last": {
			lists: "{tools: [provider/box.yaml], endpoints: [box.yaml]}",
			files: map[string]string{
				"provider/box.yaml": boxIdentity + "tools: [tools/say.yaml]\n", "tools/say.yaml": sayTool,
				"box.yaml": "settings: []\nendpoints: [{path: /hook, method: POST}]\n",
			},
			has: map[string]string{"plugin_dify.go": "func newPlugin(boxTool *box.Provider, boxEndpoint *BoxEndpointProvider, opts"},
		},
		"files of the author that have the names of stubs": {
			lists: "{tools: [provider/box.yaml]}",
			files: map[string]string{
				"provider/box.yaml": boxIdentity + "tools: [tools/say.yaml]\n", "tools/say.yaml": sayTool,
				"provider/box.go": "package box\n", "provider/Say.go": "package box\n",
				"main.go": "//go:build ignore\n\npackage main\n\nfunc main() {}\n",
			},
			wrote: []string{"main_plugin.go", "provider/box_provider.go", "provider/say_tool.go"},
		},
		"two kinds in one package": {
			lists: "{tools: [provider/box.yaml], endpoints: [provider/hook.yaml]}",
			files: map[string]string{
				"provider/box.yaml": boxIdentity + "tools: [tools/say.yaml]\n", "tools/say.yaml": sayTool,
				"provider/hook.yaml": "settings: []\nendpoints: [{path: /hook, method: POST}]\n",
			},
			has: map[string]string{
				"provider/box_dify.go": "SayCall{call, params, DifyFromContext(ctx)}", "provider/hook_dify.go": "func HookDifyFromContext(ctx context.Context) HookDify {",
			},
			lacks: map[string]string{"provider/box_dify.go": "HookDify", "provider/hook_dify.go": "func DifyFromContext"},
		},
		"a kind that cannot ask anything of Dify": {
			lists: "{models: [provider/box.yaml]}",
			files: map[string]string{
				"provider/box.yaml": "provider: box\nlabel: {en_US: Box}\nsupported_model_types: [llm]\nconfigurate_methods: [predefined-model]\n" +
					"provider_credential_schema: {credential_form_schemas: [{variable: key, type: secret-input, label: {en_US: Key}}]}\n",
			},
			lacks: map[string]string{"provider/box_dify.go": "invoke"},
			wrote: []string{"provider/box_dify.go"},
		},
		"a tool with a long name": {
			lists: "{tools: [provider/box.yaml]}",
			files: map[string]string{
				"provider/box.yaml": boxIdentity + "tools: [tools/say.yaml]\n",
				"tools/say.yaml":    strings.Replace(sayTool, "name: say", "name: "+strings.Repeat("a", 254), 1),
			},
			wrote: []string{"provider/" + strings.Repeat("a", 91) + "_ac103f64.go"},
		},
		"many tools": {lists: "{tools: [provider/box.yaml]}", files: many, wrote: []string{"provider/t59.go"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := writeWhole(t, newPlugin(t, test.lists, test.files))
			for _, file := range test.wrote {
				if changed[file] == "" {
					t.Errorf("did not write %s, but %q", file, slices.Sorted(maps.Keys(changed)))
				}
			}
			for file, part := range test.has {
				if !strings.Contains(changed[file], part) {
					t.Errorf("%s lacks %q:\n%s", file, part, changed[file])
				}
			}
			for file, part := range test.lacks {
				if strings.Contains(changed[file], part) {
					t.Errorf("%s has %q", file, part)
				}
			}
		})
	}
}

// say are the files of a plugin with one tool.
var say = map[string]string{"provider/box.yaml": boxIdentity + "tools: [tools/say.yaml]\n", "tools/say.yaml": sayTool}

// TestWholeModuleAbove generates a plugin in a folder of a module.
func TestWholeModuleAbove(t *testing.T) {
	t.Parallel()
	above := t.TempDir()
	write(t, above, "go.mod", "module example.com/all\n")
	dir := newPlugin(t, "{tools: [provider/box.yaml]}", say)
	if err := os.Remove(filepath.Join(dir, "go.mod")); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(above, "plugins", "box"), os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	changed := writeWhole(t, filepath.Join(above, "plugins", "box"))
	if want := `box "example.com/all/plugins/box/provider"`; !strings.Contains(changed["plugin_dify.go"], want) {
		t.Errorf("plugin_dify.go lacks %s:\n%s", want, changed["plugin_dify.go"])
	}
}

// TestWholeModuleBlock generates a plugin whose module has its path in a block.
func TestWholeModuleBlock(t *testing.T) {
	t.Parallel()
	files := maps.Clone(say)
	files["go.mod"] = "module (\n\t\"example.com/block\" // of the plugin\n)\n"
	changed := writeWhole(t, newPlugin(t, "{tools: [provider/box.yaml]}", files))
	if want := `box "example.com/block/provider"`; !strings.Contains(changed["plugin_dify.go"], want) {
		t.Errorf("plugin_dify.go lacks %s:\n%s", want, changed["plugin_dify.go"])
	}
}

// TestWholeStale removes the code of a provider that moved to another folder, which only the
// plugin's generated file still names.
func TestWholeStale(t *testing.T) {
	t.Parallel()
	dir := newPlugin(t, "{tools: [provider/box.yaml]}", say)
	writeWhole(t, dir)
	write(t, dir, "manifest.yaml", boxManifest+"plugins: {tools: [other/box.yaml]}\n")
	if err := os.Mkdir(filepath.Join(dir, "other"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "provider", "box.yaml"), filepath.Join(dir, "other", "box.yaml")); err != nil {
		t.Fatal(err)
	}
	changed := writeWhole(t, dir)
	got := slices.Sorted(maps.Keys(changed))
	want := []string{"other/box.go", "other/box_dify.go", "other/say.go", "plugin_dify.go", "provider/box_dify.go"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changed (-want +got):\n%s", diff)
	}
	if _, err := os.Stat(filepath.Join(dir, "provider", "box_dify.go")); !os.IsNotExist(err) {
		t.Error("the old code stays")
	}
	if _, err := os.Stat(filepath.Join(dir, "provider", "say.go")); err != nil {
		t.Error("the author's file is gone", err)
	}
}

// TestWholeConcurrent generates a plugin in several runs at the same time. All succeed, and
// the files are complete.
func TestWholeConcurrent(t *testing.T) {
	t.Parallel()
	dir := newPlugin(t, "{tools: [provider/box.yaml]}", say)
	errs := make(chan error)
	const runs = 8
	for range runs {
		go func() {
			errs <- func() error {
				cfg := pipeline.Config{Dir: dir}
				target, err := cfg.Open(t.Context())
				if err != nil {
					return err
				}
				defer target.Close()
				result, err := pipeline.Run(cfg)
				if err != nil {
					return err
				}
				return target.Apply(t.Context(), result.Changes)
			}()
		}()
	}
	for range runs {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if again := runWhole(t, dir); len(again.Changes) > 0 {
		t.Errorf("a later run changes %v", again.Changes)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*", ".difygen-*")); len(left) > 0 {
		t.Errorf("left %q", left)
	}
}

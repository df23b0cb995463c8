// Package yamlls starts yaml-language-server, which most editors use for YAML, with the JSON
// Schemas of difygen.
package yamlls

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/difygen/difygen/internal/schema"
	"github.com/difygen/difygen/internal/test/lsp"
)

// Env is the environment variable that names the server's executable.
const Env = "DIFYGEN_YAMLLS"

// Start starts the server for a folder, and writes the schemas into its folder .schema. The
// files in a folder called like a schema, such as provider-tool, are checked with that schema;
// those elsewhere with what their modeline names. YAML is that of a version.
func Start(ctx context.Context, server, dir, version string) (*lsp.Client, error) {
	if _, err := schema.Write(ctx, filepath.Join(dir, ".schema"), ".schema"); err != nil {
		return nil, err
	}
	schemas := make(map[string]string)
	for _, f := range schema.Files() {
		uri := "file://" + filepath.ToSlash(filepath.Join(dir, ".schema", f.Name))
		schemas[uri] = strings.TrimSuffix(f.Name, ".json") + "/*.yaml"
	}
	return start(ctx, server, dir, "manifest/first.yaml", map[string]any{"schemas": schemas, "yamlVersion": version})
}

// StartPlugin starts the server for the folder of a plugin, with its settings of VS Code.
func StartPlugin(ctx context.Context, server, dir string) (*lsp.Client, error) {
	data, err := os.ReadFile(filepath.Join(dir, ".vscode", "settings.json"))
	if err != nil {
		return nil, err
	}
	var all map[string]any
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, err
	}
	settings := make(map[string]any)
	for name, value := range all {
		if name, ok := strings.CutPrefix(name, "yaml."); ok {
			settings[name] = value
		}
	}
	return start(ctx, server, dir, "manifest.yaml", settings)
}

// start starts the server, and waits until it knows the schemas. Manifest is the name of a file
// that is checked as a manifest.
func start(ctx context.Context, server, dir, manifest string, settings map[string]any) (*lsp.Client, error) {
	settings["schemaStore"] = map[string]any{"enable": false}
	settings["validate"], settings["completion"], settings["hover"] = true, true, true
	client, err := lsp.Start(ctx, lsp.Server{
		Name: "yaml-language-server", Command: []string{server, "--stdio"}, Dir: dir, Env: os.Environ(), Language: "yaml", NoVersions: true,
		Settings: map[string]any{"yaml": settings},
	})
	if err != nil {
		return nil, err
	}
	// It does not say when it has read its settings. Then a list is no manifest.
	found, err := client.Diagnostics(ctx, first(client, manifest, "[]\n"), func([]lsp.Diagnostic) bool { return true })
	if err == nil && len(found) == 0 {
		err = errors.New("yaml-language-server does not use the schemas")
	}
	if err != nil {
		client.Close()
		return nil, err
	}
	return client, nil
}

// first opens a document and returns its name.
func first(client *lsp.Client, file, text string) string {
	_ = client.Edit(file, text) // a server that has ended reports nothing
	return file
}

package plugin_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/regular"
	"github.com/difygen/difygen/model"
)

// TestAssets finds the assets of a plugin, and what cannot be one.
func TestAssets(t *testing.T) {
	t.Parallel()
	file := func(data string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(data)} }
	for _, test := range []struct {
		name       string
		icons      []string
		files      fstest.MapFS
		want, says []string
	}{
		{"none", nil, fstest.MapFS{}, nil, nil},
		{
			"subfolders", []string{"icon.svg", "dark/icon.svg"},
			fstest.MapFS{"_assets/icon.svg": file("<svg/>"), "_assets/dark/icon.svg": file("<svg/>"), "_assets/_x.svg": file("x")},
			[]string{"_x.svg", "dark/icon.svg", "icon.svg"}, nil,
		},
		{
			"missing", []string{"icon.svg", "a/b.svg"}, fstest.MapFS{"_assets/b.svg": file("x")}, []string{"b.svg"},
			[]string{
				"manifest.yaml:1:1: error: icon icon.svg is not in _assets [asset]",
				"manifest.yaml:2:1: error: icon a/b.svg: write it without its folder, as b.svg [asset]",
			},
		},
		{
			"left out", nil, fstest.MapFS{
				"_assets/.DS_Store": file("x"), "_assets/.git/config": file("x"), "_assets/empty.svg": file(""), "_assets/it's.png": file("x"),
				"_assets/a[1].png": file("x"), "_assets/server.PEM": file("x"), "_assets/id_rsa": file("x"), "_assets/nul.png": file("x"),
				"_assets/link.svg": {Mode: fs.ModeSymlink, Data: []byte("icon.svg")}, "_assets/pipe": {Mode: fs.ModeNamedPipe},
			}, nil,
			[]string{
				"_assets/.DS_Store: warning: its name starts with a dot, so it is not an asset of the plugin [asset]",
				"_assets/.git: warning: its name starts with a dot, so it is not an asset of the plugin [asset]",
				"_assets/a[1].png: warning: Go cannot embed a file of that name, so it is not an asset of the plugin [asset]",
				"_assets/empty.svg: warning: it is empty, so it is not an asset of the plugin [asset]",
				"_assets/id_rsa: warning: it looks like a key, so it is not an asset of the plugin [asset]",
				"_assets/it's.png: warning: Go cannot embed a file of that name, so it is not an asset of the plugin [asset]",
				"_assets/link.svg: warning: it is a symbolic link, so it is not an asset of the plugin [asset]",
				"_assets/nul.png: warning: Go cannot embed a file of that name, so it is not an asset of the plugin [asset]",
				"_assets/pipe: warning: it is not a regular file, so it is not an asset of the plugin [asset]",
				"_assets/server.PEM: warning: it looks like a key, so it is not an asset of the plugin [asset]",
			},
		},
		{
			"keys", []string{"a.svg"}, fstest.MapFS{
				"_assets/id_ecdsa": file("x"), "_assets/id_card.svg": file("x"), "_assets/prod.env": file("x"),
				"_assets/a.svg": file("-----BEGIN EC PRIVATE KEY-----\n"), "_assets/b.svg": file("-----BEGIN PUBLIC KEY-----\n"),
			}, []string{"b.svg", "id_card.svg"},
			[]string{
				"_assets/id_ecdsa: warning: it looks like a key, so it is not an asset of the plugin [asset]",
				"_assets/prod.env: warning: it looks like a key, so it is not an asset of the plugin [asset]",
				"manifest.yaml:1:1: error: icon a.svg in _assets cannot be an asset: it looks like a key [asset]",
			},
		},
		{
			"an icon that cannot be one", []string{"it's.png"}, fstest.MapFS{"_assets/it's.png": file("x")}, nil,
			[]string{"manifest.yaml:1:1: error: icon \"it's.png\" in _assets cannot be an asset: Go cannot embed a file of that name [asset]"},
		},
		{
			"modules", nil, fstest.MapFS{"_assets/a.svg": file("x"), "_assets/m/go.mod": file("module m"), "_assets/m/b.svg": file("x")}, []string{"a.svg"},
			[]string{"_assets/m: warning: it is a Go module of its own, so it is not an asset of the plugin [asset]"},
		},
		{
			"a module", nil, fstest.MapFS{"_assets/go.mod": file("module m")}, []string{"go.mod"},
			[]string{"_assets: error: is a Go module of its own, which Go cannot embed; remove its go.mod [asset]"},
		},
		{"not a folder", nil, fstest.MapFS{"_assets": file("x")}, nil, []string{"_assets: error: not a directory [asset]"}},
		{
			"too large", []string{"a"}, fstest.MapFS{"_assets/a": &fstest.MapFile{Data: make([]byte, 32<<20+1)}}, []string{"a"},
			[]string{"_assets/a: error: has 33554433 bytes; an asset can have at most 33554432 [asset]"},
		},
		{
			"too large together", nil, fstest.MapFS{
				"_assets/a": &fstest.MapFile{Data: make([]byte, 25<<20)}, "_assets/b": &fstest.MapFile{Data: make([]byte, 25<<20+1)},
			}, []string{"a", "b"},
			[]string{"_assets: error: holds 52428801 bytes; the host accepts at most 52428800 [asset]"},
		},
	} {
		var p plugin.Plugin
		for i, name := range test.icons {
			p.Manifest.Icons = append(p.Manifest.Icons, model.Icon{Name: name, Pos: model.Position{File: "manifest.yaml", Line: i + 1, Column: 1}})
		}
		got, says := assetsOf(&p, test.files)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: assets (-want +got)\n%s", test.name, diff)
		}
		if diff := cmp.Diff(test.says, says); diff != "" {
			t.Errorf("%s: diagnostics (-want +got)\n%s", test.name, diff)
		}
	}
}

func assetsOf(p *plugin.Plugin, fsys fs.FS) (names, says []string) {
	assets, findings := p.Assets(fsys, same)
	for _, a := range assets {
		names = append(names, a.Name)
	}
	for _, d := range findings.Settle(model.StepDeclare) {
		says = append(says, fmt.Sprint(d))
	}
	return names, says
}

// TestAssetLinks checks that no link in the folder of assets is followed.
func TestAssetLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "_assets"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc", filepath.Join(dir, "_assets", "etc")); err != nil {
		t.Skip("SKIPPED: no symbolic links here: ", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	got, says := assetsOf(new(plugin.Plugin), regular.FS(root))
	want := []string{"_assets/etc: warning: it is a symbolic link, so it is not an asset of the plugin [asset]"}
	if diff := cmp.Diff(want, says); diff != "" || len(got) > 0 {
		t.Errorf("assets %v, diagnostics (-want +got)\n%s", got, diff)
	}
}

// TestAssetsLinked checks that the folder of assets is no link.
func TestAssetsLinked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "icons"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("icons", filepath.Join(dir, "_assets")); err != nil {
		t.Skip("SKIPPED: no symbolic links here: ", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	_, says := assetsOf(new(plugin.Plugin), regular.FS(root))
	want := []string{"_assets: error: is a symbolic link, which go:embed does not follow; make it a folder [asset]"}
	if diff := cmp.Diff(want, says); diff != "" {
		t.Errorf("diagnostics (-want +got)\n%s", diff)
	}
}

package check

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	"github.com/google/ko/pkg/build"
	"github.com/google/ko/pkg/commands/options"
)

// distroless stands for the base image of .ko.yaml, which only a registry has: its user
// and certificates.
func distroless(t *testing.T, certificates []byte) v1.ImageIndex {
	t.Helper()
	var files bytes.Buffer
	w := tar.NewWriter(&files)
	header := &tar.Header{Typeflag: tar.TypeReg, Name: "etc/ssl/certs/ca-certificates.crt", Mode: 0o644, Size: int64(len(certificates))}
	if err := w.WriteHeader(header); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(certificates); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(files.Bytes())), nil })
	if err != nil {
		t.Fatal(err)
	}
	index := v1.ImageIndex(empty.Index)
	for _, arch := range []string{"amd64", "arm64", "s390x"} {
		image, err := mutate.AppendLayers(empty.Image, layer)
		if err != nil {
			t.Fatal(err)
		}
		platform := v1.Platform{OS: "linux", Architecture: arch}
		image, err = mutate.ConfigFile(image, &v1.ConfigFile{
			OS: platform.OS, Architecture: arch, RootFS: rootFS(t, image), Config: v1.Config{User: "65532:65532"},
		})
		if err != nil {
			t.Fatal(err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: &platform}})
	}
	return index
}

func rootFS(t *testing.T, image v1.Image) v1.RootFS {
	t.Helper()
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	return config.RootFS
}

// TestKo builds a plugin's image as .ko.yaml says, and runs it.
func TestKo(t *testing.T) {
	t.Parallel()
	module, service := newModule(t, "relay"), newService(t)
	write(t, filepath.Join(module, ".ko.yaml"), read(t, "../.ko.yaml"))
	var settings options.BuildOptions
	settings.WorkingDirectory, settings.Trimpath = module, true
	if err := settings.LoadConfig(); err != nil {
		t.Fatal(err)
	}
	const base = "gcr.io/distroless/static:nonroot"
	if settings.BaseImage != base {
		t.Errorf("the base image is %s", settings.BaseImage)
	}
	index := distroless(t, service.certificate)
	builder, err := build.NewGo(t.Context(), module,
		build.WithBaseImages(func(context.Context, string) (name.Reference, build.Result, error) {
			return name.MustParseReference(base), index, nil
		}),
		build.WithPlatforms(settings.DefaultPlatforms...), build.WithDefaultEnv(settings.DefaultEnv), build.WithDefaultFlags(settings.DefaultFlags),
		build.WithDefaultLdflags(settings.DefaultLdflags), build.WithTrimpath(settings.Trimpath), build.WithConfig(settings.BuildConfigs), build.WithDisabledSBOM())
	if err != nil {
		t.Fatal(err)
	}
	path, err := builder.QualifyImport(".")
	if err != nil {
		t.Fatal(err)
	}
	result, err := builder.Build(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	built, ok := result.(v1.ImageIndex)
	if !ok {
		t.Fatalf("got a %T", result)
	}
	image := pick(t, written(t, built), settings.DefaultPlatforms)
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"/ko-app/plugin"}, config.Config.Entrypoint); diff != "" {
		t.Errorf("the entrypoint (-want +got):\n%s", diff)
	}
	c := container{root: t.TempDir(), entrypoint: config.Config.Entrypoint, env: config.Config.Env, user: config.Config.User}
	unpack(t, image, c.root)
	const want = `{"answer":"at 14:00 in Berlin"}` + "\n"
	if got := c.ask(t, service); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// written writes an index as an OCI image layout, and reads and validates it.
func written(t *testing.T, index v1.ImageIndex) v1.ImageIndex {
	t.Helper()
	folder, err := layout.Write(t.TempDir(), index)
	if err != nil {
		t.Fatal(err)
	}
	if index, err = folder.ImageIndex(); err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(index); err != nil {
		t.Error(err)
	}
	return index
}

// pick checks that an index has an image for each platform, and returns that for this machine.
func pick(t *testing.T, index v1.ImageIndex, platforms []string) v1.Image {
	t.Helper()
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	var image v1.Image
	for _, m := range manifest.Manifests {
		found = append(found, m.Platform.String())
		if m.Platform.Architecture == runtime.GOARCH {
			if image, err = index.Image(m.Digest); err != nil {
				t.Fatal(err)
			}
		}
	}
	if diff := cmp.Diff(platforms, found); diff != "" || image == nil {
		t.Fatalf("platforms (-settings +image):\n%s", diff)
	}
	return image
}

// unpack writes the files of an image to a folder.
func unpack(t *testing.T, image v1.Image, folder string) {
	t.Helper()
	content := mutate.Extract(image)
	defer content.Close()
	for files := tar.NewReader(content); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if !filepath.IsLocal(h.Name) && !filepath.IsAbs(h.Name) {
			t.Fatalf("the image has a file %q", h.Name)
		}
		var data bytes.Buffer
		if _, err := io.Copy(&data, files); err != nil {
			t.Fatal(err)
		}
		dest := filepath.Join(folder, filepath.Clean("/"+h.Name))
		write(t, dest, data.Bytes())
		chmod(t, dest, h.FileInfo().Mode())
	}
}

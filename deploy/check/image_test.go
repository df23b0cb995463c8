package check

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// golangImage stands for the image golang, which only a registry has.
type golangImage struct{}

func (golangImage) ResolveImageConfig(_ context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	config, err := json.Marshal(ocispecs.Image{
		Platform: *opt.ImageOpt.Platform,
		Config:   ocispecs.ImageConfig{Env: []string{"PATH=/usr/local/go/bin:/usr/bin:/bin", "GOTOOLCHAIN=local"}},
	})
	return ref, digest.FromBytes(config), config, err
}

// image is what BuildKit makes of the Dockerfile.
type image struct {
	config   ocispecs.ImageConfig
	build    *pb.Meta             // the last command that it runs
	copies   []*pb.FileActionCopy // what it copies after that
	warnings []string             // of BuildKit's linter
}

func convert(t *testing.T, dockerfile []byte) *image {
	t.Helper()
	i := new(image)
	platform := ocispecs.Platform{OS: "linux", Architecture: runtime.GOARCH}
	opt := dockerfile2llb.ConvertOpt{TargetPlatform: &platform, MetaResolver: golangImage{}}
	opt.BuildPlatforms = []ocispecs.Platform{platform}
	opt.Warn = func(rule, _, _, message string, _ []parser.Range) { i.warnings = append(i.warnings, rule+": "+message) }
	result, err := dockerfile2llb.Dockerfile2LLB(t.Context(), dockerfile, opt)
	if err != nil {
		t.Fatal(err)
	}
	definition, err := result.State.Marshal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i.config = result.Image.Config.ImageConfig
	for _, data := range definition.Def { // each operation follows those that it needs
		var op pb.Op
		if err := op.UnmarshalVT(data); err != nil {
			t.Fatal(err)
		}
		if exec := op.GetExec(); exec != nil {
			i.build, i.copies = exec.Meta, nil
		}
		for _, action := range op.GetFile().GetActions() {
			if c := action.GetCopy(); c != nil {
				i.copies = append(i.copies, c)
			}
		}
	}
	return i
}

// TestDockerfile checks the Dockerfile with BuildKit's linter, and the configuration of its
// image.
func TestDockerfile(t *testing.T) {
	t.Parallel()
	i := convert(t, read(t, "../Dockerfile"))
	if len(i.warnings) > 0 {
		t.Errorf("BuildKit warns of %q", i.warnings)
	}
	want := ocispecs.ImageConfig{
		User:         "65532:65532",
		ExposedPorts: map[string]struct{}{"8080/tcp": {}},
		Env:          []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "INSTALL_METHOD=serverless"},
		Entrypoint:   []string{"/plugin"},
		WorkingDir:   "/",
	}
	if diff := cmp.Diff(want, i.config); diff != "" {
		t.Errorf("the image's configuration (-want +got):\n%s", diff)
	}
}

// TestContainer builds a plugin as the Dockerfile says, and runs it with the files of the image
// alone. It also checks that each file is needed.
func TestContainer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ old, changed, want string }{
		"as it is":             {want: `{"answer":"at 14:00 in Berlin"}`},
		"without certificates": {"COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/\n", "", "the service failed"},
		"without time zones":   {" -tags=timetzdata", "", "the plugin has ended"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dockerfile := strings.Replace(string(read(t, "../Dockerfile")), test.old, test.changed, 1)
			if (dockerfile == string(read(t, "../Dockerfile"))) != (test.old == "") {
				t.Fatalf("the Dockerfile has no %q", test.old)
			}
			i, service := convert(t, []byte(dockerfile)), newService(t)
			root := t.TempDir()
			for _, c := range i.copies {
				dest := filepath.Join(root, c.Dest)
				if strings.HasSuffix(c.Dest, "/") {
					dest = filepath.Join(dest, filepath.Base(c.Src))
				}
				switch c.Src {
				case "/out/plugin":
					module := newModule(t, "relay")
					write(t, filepath.Join(module, "zone.go"), []byte(zone))
					i.run(t, module, dest)
				case "/etc/ssl/certs/ca-certificates.crt":
					write(t, dest, service.certificate)
				default:
					t.Fatalf("the image has a file of unknown origin, %s", c.Src)
				}
			}
			c := container{root: root, entrypoint: i.config.Entrypoint, env: i.config.Env, user: i.config.User}
			if got := c.ask(t, service); !strings.Contains(got, test.want) {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// run runs the command that builds the plugin in the folder of its module, and writes the binary
// to dest.
func (i *image) run(t *testing.T, module, dest string) {
	t.Helper()
	args := make([]string, len(i.build.Args))
	for n, arg := range i.build.Args {
		args[n] = strings.Replace(arg, "/out/plugin", dest, 1)
	}
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Dir = module
	cmd.Env = os.Environ()
	for _, v := range i.build.Env {
		if !strings.HasPrefix(v, "PATH=") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%q: %v\n%s", args, err, out)
	}
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

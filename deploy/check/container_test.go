package check

import (
	"context"
	"encoding/pem"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/internal/test/plugintest"
	"github.com/difygen/difygen/internal/testmodule"
)

// root is the folder of difygen.
const root = "../.."

// zone makes the plugin need time zones: main takes no part in requests, so it says at the start
// if it has none.
const zone = `package main

import "time"

func init() {
	if _, err := time.LoadLocation("Europe/Berlin"); err != nil {
		panic(err)
	}
}
`

// newModule returns the folder of an example in a module of its own, as the build of an image sees
// it: without what .dockerignore names.
func newModule(t *testing.T, name string) string {
	t.Helper()
	file, err := os.Open("../.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	patterns, err := ignorefile.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	ignored, err := patternmatcher.New(patterns)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	example := os.DirFS(filepath.Join(root, "examples", name))
	err = fs.WalkDir(example, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(file, "_test.go") {
			return err
		}
		if skip, err := ignored.MatchesOrParentMatches(file); skip || err != nil {
			return err
		}
		data, err := fs.ReadFile(example, file)
		text := strings.ReplaceAll(string(data), "github.com/difygen/difygen/examples/"+name+"/", "example.com/plugin/")
		write(t, filepath.Join(dir, file), []byte(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	absolute, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	if err := testmodule.Write(absolute, dir); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{".env", "provider/.env", ".git/config"} {
		if skip, err := ignored.MatchesOrParentMatches(file); !skip || err != nil {
			t.Errorf(".dockerignore does not have %s, %v", file, err)
		}
	}
	return dir
}

// service is what the plugin calls. Its certificate is signed by an authority that only the
// container knows.
type service struct {
	*httptest.Server
	certificate []byte // in PEM
}

func newService(t *testing.T) *service {
	t.Helper()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"answer":"at 14:00 in Berlin"}`)
	}))
	t.Cleanup(s.Close)
	return &service{s, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})}
}

// container runs an image.
type container struct {
	root       string // the folder with its files
	entrypoint []string
	env        []string
	user       string // UID:GID
}

// ask starts the container, checks its health, asks the plugin a question, and stops it. It
// returns the answer or why the plugin does not start.
//
// Nothing of this machine is in the container, which needs root. Otherwise, the folder is empty
// and the environment is the container's, but the plugin can read other files.
func (c *container) ask(t *testing.T, s *service) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute) // it stops by itself
	defer cancel()
	cmd := exec.CommandContext(ctx, c.entrypoint[0])
	cmd.Env, cmd.Dir = c.env, "/"
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: c.root, Credential: credential(t, c.user)}
		openFolders(t, c.root)
	} else {
		t.Log("not in a chroot, which needs root")
		cmd.Path, cmd.Dir = filepath.Join(c.root, c.entrypoint[0]), t.TempDir()
		cmd.Env = append(cmd.Env, "SSL_CERT_DIR="+filepath.Join(c.root, "etc/ssl/certs"), "SSL_CERT_FILE="+filepath.Join(c.root, "etc/ssl/certs/ca-certificates.crt"))
	}
	p, err := plugintest.Serve(t, cmd)
	if err != nil {
		return err.Error()
	}
	plugin := host.NewServerless(p.Addr)
	defer plugin.Close()
	if err := plugin.Healthy(ctx); err != nil {
		t.Error(err)
	}
	got := question(t, plugin, s.URL)
	if err := p.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("the plugin exits with %v", err)
	}
	return got
}

// question asks the plugin to pass on a question, and returns the body of its response.
func question(t *testing.T, plugin host.Host, url string) string {
	t.Helper()
	const token = "a-token-of-a-user"
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/ask/time", strings.NewReader(`{"question":"when?"}`))
	r.Header.Set("Authorization", "Bearer "+token)
	raw, err := host.EncodeEndpoint(r, "hook")
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]any{"service_url": url, "token": token, "app": map[string]any{"app_id": "a"}}
	response, err := plugin.Call(t.Context(), "endpoint", "invoke_endpoint", map[string]any{"settings": settings, "raw_http_request": raw})
	if err != nil {
		t.Fatal(err)
	}
	answer, body, err := host.DecodeEndpoint(response, r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return string(body)
}

func credential(t *testing.T, user string) *syscall.Credential {
	t.Helper()
	uid, gid, _ := strings.Cut(user, ":")
	u, err := strconv.ParseUint(uid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	g, err := strconv.ParseUint(gid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(u), Gid: uint32(g)}
}

// openFolders lets all users read what is in a folder, as in an image.
func openFolders(t *testing.T, folder string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return os.Chmod(name, 0o755)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func chmod(t *testing.T, name string, mode fs.FileMode) {
	t.Helper()
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
}

package docscript

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// programs are the commands of documents that are not built into the shell. They work in the
// same way on every system, and need nothing but Go.
var programs = map[string]func(s *script, ctx context.Context, args []string) error{
	"go": (*script).goCommand, "difygen": (*script).difygen, "cat": (*script).cat, "mkdir": (*script).mkdir, "rm": (*script).rm,
}

// commandRE matches a line that starts with a command, perhaps after variables.
var commandRE = regexp.MustCompile(`^(?:[A-Z_]+=\S* )*([a-z]+)(?:\s|$)`)

func startsWithCommand(text string) bool {
	m := commandRE.FindStringSubmatch(text)
	return m != nil && (programs[m[1]] != nil || slices.Contains([]string{"cd", "echo", "printf"}, m[1]))
}

// commands runs commands. The output of all of them together is kept.
func (s *script) commands(text string, fails bool) error {
	file, err := syntax.NewParser().Parse(strings.NewReader(text), "")
	if err != nil {
		return err
	}
	var output lockedBuffer
	env := append(os.Environ(), "PWD="+s.dir, "GOWORK=off", "GOPROXY=off", "GOSUMDB=off", "NO_COLOR=1")
	runner, err := interp.New(
		interp.StdIO(nil, &output, &output), interp.Dir(s.dir), interp.Env(expand.ListEnviron(env...)), interp.Params("-e"),
		interp.ExecHandlers(func(interp.ExecHandlerFunc) interp.ExecHandlerFunc { return s.program }),
	)
	if err != nil {
		return err
	}
	err = runner.Run(s.t.Context(), file) // go test has a limit of time
	got := output.String()
	s.output, s.dir = &got, runner.Dir
	var status interp.ExitStatus
	switch {
	case fails && errors.As(err, &status):
		return nil
	case fails && err == nil:
		return fmt.Errorf("the command does not fail; it prints\n%s", got)
	case err != nil:
		return fmt.Errorf("%w\n%s", err, got)
	}
	return nil
}

// program runs a command that is not built into the shell.
func (s *script) program(ctx context.Context, args []string) error {
	run, ok := programs[args[0]]
	if !ok {
		return fmt.Errorf("documents have no command %s", args[0])
	}
	return run(s, ctx, args[1:])
}

const (
	modulePath  = "github.com/difygen/difygen"
	commandPath = modulePath + "/cmd/difygen"
)

// goCommand runs the go command. No version of difygen is downloaded: that of this repository
// is taken instead.
func (s *script) goCommand(ctx context.Context, args []string) error {
	switch {
	case len(args) > 1 && args[0] == "run" && args[1] == commandPath+"@latest":
		return s.difygen(ctx, args[2:])
	case len(args) > 2 && args[0] == "get" && args[1] == "-tool":
		if err := s.exec(ctx, "go", "mod", "edit", "-replace", modulePath+"="+s.root, "-require", modulePath+"@v0.0.0"); err != nil {
			return err
		}
		for _, tool := range args[2:] {
			if err := s.exec(ctx, "go", "mod", "edit", "-tool", tool); err != nil {
				return err
			}
		}
		return s.exec(ctx, "go", "mod", "tidy")
	}
	return s.exec(ctx, "go", args...)
}

// difygen runs the command as if it were installed. A plugin that it makes uses this repository.
func (s *script) difygen(ctx context.Context, args []string) error {
	list := exec.CommandContext(ctx, "go", "tool", "-n", "difygen") // builds it
	list.Dir = s.root
	path, err := list.Output()
	if err != nil {
		return err
	}
	if len(args) > 0 && args[0] == "init" && !slices.Contains(args, "-replace") {
		args = slices.Insert(slices.Clone(args), 1, "-replace", s.root)
	}
	return s.exec(ctx, strings.TrimSpace(string(path)), args...)
}

// exec runs a program in the shell's folder, with its environment.
func (s *script) exec(ctx context.Context, name string, args ...string) error {
	h := interp.HandlerCtx(ctx)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = h.Dir, h.Stdin, h.Stdout, h.Stderr
	for name, v := range h.Env.Each {
		if v.Exported {
			cmd.Env = append(cmd.Env, name+"="+v.String())
		}
	}
	var exit *exec.ExitError
	if err := cmd.Run(); errors.As(err, &exit) {
		return interp.ExitStatus(max(1, exit.ExitCode()))
	} else if err != nil {
		return err
	}
	return nil
}

func (s *script) cat(ctx context.Context, args []string) error {
	h := interp.HandlerCtx(ctx)
	for _, name := range args {
		data, err := os.ReadFile(filepath.Join(h.Dir, name))
		if err != nil {
			return err
		}
		if _, err := h.Stdout.Write(data); err != nil {
			return err
		}
	}
	return nil
}

func (s *script) mkdir(ctx context.Context, args []string) error {
	for _, name := range args {
		if err := os.MkdirAll(filepath.Join(interp.HandlerCtx(ctx).Dir, name), 0o700); err != nil {
			return err
		}
	}
	return nil
}

func (s *script) rm(ctx context.Context, args []string) error {
	for _, name := range args {
		if err := os.Remove(filepath.Join(interp.HandlerCtx(ctx).Dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// lockedBuffer keeps what several commands write at the same time.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(data)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

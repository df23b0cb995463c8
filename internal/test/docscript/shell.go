package docscript

import (
	"bytes"
	"cmp"
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

// builtins are the commands of the shell that documents have. Others could end a script early,
// or hide that a command fails.
var builtins = []string{"cd", "echo", "printf"}

func isCommand(name string) bool { return programs[name] != nil || slices.Contains(builtins, name) }

func startsWithCommand(text string) bool {
	m := commandRE.FindStringSubmatch(text)
	return m != nil && isCommand(m[1])
}

// commands runs commands. The output of all of them together is kept. If they fail, only the
// last one does.
func (s *script) commands(text string, fails bool) error {
	steps, err := parseCommands(text)
	if err != nil {
		return err
	}
	var output lockedBuffer
	env := append(os.Environ(), "PWD="+s.dir, "GOWORK=off", "GOPROXY=off", "GOSUMDB=off", "NO_COLOR=1")
	failed := make(chan error, 1)
	runner, err := interp.New(
		interp.StdIO(nil, &output, &output), interp.Dir(s.dir), interp.Env(expand.ListEnviron(env...)), interp.Params("-o", "pipefail"),
		interp.ExecHandlers(func(interp.ExecHandlerFunc) interp.ExecHandlerFunc {
			return func(ctx context.Context, args []string) error { return note(failed, s.program(ctx, args)) }
		}),
	)
	if err != nil {
		return err
	}
	for i, step := range steps {
		err = runner.Run(s.t.Context(), step) // go test has a limit of time
		select {
		case inner := <-failed: // perhaps in $(), whose status nobody else looks at
			err = cmp.Or(err, inner)
		default:
		}
		if err != nil && i < len(steps)-1 {
			return fmt.Errorf("%w\n%s", err, output.String())
		}
	}
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

// note keeps the first error, and returns each.
func note(failed chan<- error, err error) error {
	if err != nil {
		select {
		case failed <- err:
		default:
		}
	}
	return err
}

// parseCommands returns the commands of a text, one after the other. Those between && are
// commands of their own. What would hide that a command fails is an error.
func parseCommands(text string) ([]*syntax.Stmt, error) {
	file, err := syntax.NewParser().Parse(strings.NewReader(text), "")
	if err != nil {
		return nil, err
	}
	syntax.Walk(file, func(node syntax.Node) bool {
		if stmt, ok := node.(*syntax.Stmt); ok && err == nil {
			err = checkCommand(stmt)
		}
		return err == nil
	})
	var steps []*syntax.Stmt
	for _, stmt := range file.Stmts {
		steps = appendSteps(steps, stmt)
	}
	if err == nil && len(steps) == 0 {
		err = errors.New("no command")
	}
	return steps, err
}

func appendSteps(steps []*syntax.Stmt, stmt *syntax.Stmt) []*syntax.Stmt {
	if both, ok := stmt.Cmd.(*syntax.BinaryCmd); ok && both.Op == syntax.AndStmt {
		return appendSteps(appendSteps(steps, both.X), both.Y)
	}
	return append(steps, stmt)
}

func checkCommand(stmt *syntax.Stmt) error {
	if stmt.Negated || stmt.Background || stmt.Coprocess || stmt.Disown {
		return errors.New("documents have neither ! nor & with a command, which would hide that it fails")
	}
	switch c := stmt.Cmd.(type) {
	case *syntax.CallExpr:
		if len(c.Args) == 0 {
			return nil
		}
		if name := c.Args[0].Lit(); !isCommand(name) {
			return fmt.Errorf("documents have no command %s", name)
		}
		return nil
	case *syntax.BinaryCmd:
		if c.Op == syntax.OrStmt {
			return errors.New("documents have no ||, which would hide that a command fails")
		}
		return nil
	}
	return errors.New("documents have only simple commands, && and |")
}

// program runs a command that is not built into the shell.
func (s *script) program(ctx context.Context, args []string) error {
	return programs[args[0]](s, ctx, args[1:])
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

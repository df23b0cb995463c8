package scaffold

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/difygen/difygen/internal/pipeline"
	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/regular"
	"github.com/difygen/difygen/internal/text"
)

const (
	// difygen is the path of this module.
	difygen = "github.com/difygen/difygen"
	// goVersion is the oldest version of Go that can build a plugin.
	goVersion = "1.25.0"
	// noVersion is what a module requires of one that it replaces.
	noVersion = "v0.0.0"
)

// tools are the commands that a plugin's module has as tools.
var tools = []string{difygen + "/cmd/difygen", difygen + "/cmd/difygen-vet"}

// goModule is the module of a plugin.
type goModule struct {
	pipeline.Module

	isNew   bool
	lacking []string // the tools that an existing module does not have
	replace string   // the folder that replaces difygen, as go.mod says it; "" for none
}

// findModule finds the module that the folder is in, or decides about a new one. The path of
// a new one can be empty, if the configuration does not say it.
func (cfg Config) findModule() (goModule, error) {
	found, ok, err := pipeline.FindModule(cfg.Dir, cfg.Dir)
	if err != nil {
		return goModule{}, err
	}
	m := goModule{Module: found}
	switch {
	case ok && cfg.Module != "" && found.Dir == cfg.Dir:
		return m, fmt.Errorf("-module %s: the folder has a go.mod already, of module %s", text.Name(cfg.Module), text.Name(found.Path))
	case !ok || cfg.Module != "":
		m = goModule{Module: pipeline.Module{Path: cfg.Module, Dir: cfg.Dir}, isNew: true}
	default:
		if m.lacking, err = lackingTools(found); err != nil {
			return m, err
		}
	}
	var errs []error
	if cfg.Module != "" {
		if err := pipeline.CheckImport(cfg.Module); err != nil {
			errs = append(errs, fmt.Errorf("-module: %w", err))
		}
	}
	if cfg.Replace != "" {
		errs = append(errs, checkCheckout(cfg.Dir, cfg.Replace))
		m.replace = replacement(cfg.Dir, m.Dir, cfg.Replace)
	}
	if cfg.Replace == "" && cfg.Version == "" && (m.isNew || len(m.lacking) > 0) {
		errs = append(errs, errors.New("this difygen is a development build, whose version no go.mod can require; name the checkout that it is from: "+cfg.Retry))
	}
	return m, errors.Join(errs...)
}

// lackingTools returns the tools that a module does not have.
func lackingTools(m pipeline.Module) ([]string, error) {
	f, err := modfile.Parse(filepath.Join(m.Dir, "go.mod"), m.Data, nil)
	if err != nil {
		return nil, err
	}
	has := func(path string) bool {
		return slices.ContainsFunc(f.Tool, func(t *modfile.Tool) bool { return t.Path == path })
	}
	return slices.DeleteFunc(slices.Clone(tools), has), nil
}

// checkCheckout checks that a folder is a checkout of difygen.
func checkCheckout(base, dir string) error {
	at := dir
	if !filepath.IsAbs(at) {
		at = filepath.Join(base, at)
	}
	data, err := regular.ReadFile(filepath.Join(at, "go.mod"), regular.MaxSize)
	if err == nil && modfile.ModulePath(data) == difygen {
		_, err = os.Stat(filepath.Join(at, "cmd", "difygen"))
	} else if err == nil {
		err = errors.New("its go.mod is of another module")
	}
	if err != nil {
		return fmt.Errorf("-replace %s: is not a checkout of difygen: %w", text.Name(dir), plugin.Reason(err))
	}
	return nil
}

// replacement is how the go.mod in a folder names dir, which is relative to base: a relative path
// starts with a dot.
func replacement(base, module, dir string) string {
	if filepath.IsAbs(dir) {
		return dir
	}
	if rel, err := filepath.Rel(module, filepath.Join(base, dir)); err == nil {
		dir = rel
	}
	dir = filepath.ToSlash(filepath.Clean(dir))
	if dir == ".." || strings.HasPrefix(dir, "../") {
		return dir
	}
	return "./" + dir
}

// goMod is the go.mod of a new module.
func (m goModule) goMod(version string) ([]byte, error) {
	f := new(modfile.File)
	errs := []error{f.AddModuleStmt(m.Path), f.AddGoStmt(goVersion)}
	for _, tool := range tools {
		errs = append(errs, f.AddTool(tool))
	}
	if m.replace != "" {
		version = noVersion
	}
	errs = append(errs, f.AddRequire(difygen, version))
	if m.replace != "" {
		errs = append(errs, f.AddReplace(difygen, "", m.replace, ""))
	}
	f.Cleanup()
	data, err := f.Format()
	return data, errors.Join(append(errs, err)...)
}

// getTools is the command that gives an existing module the tools that it lacks.
func (m goModule) getTools(version string) string {
	var args []string
	if m.replace == "" {
		for _, tool := range m.lacking {
			args = append(args, tool+"@"+version)
		}
		return "go get -tool " + strings.Join(args, " ")
	}
	for _, tool := range m.lacking {
		args = append(args, "-tool="+tool)
	}
	return "go mod edit -require=" + difygen + "@" + noVersion + " " + ShellWord("-replace="+difygen+"="+m.replace) + " " + strings.Join(args, " ")
}

// Package golangci is a plugin of golangci-lint with the analyzers of difygen-vet, as the linter
// "difygen". It has a module of its own, so that plugins need not download what only golangci-lint
// uses. docs/vet.md says how to build a golangci-lint with it.
package golangci

import (
	"fmt"
	"slices"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/difygen/difygen/internal/analyzers"
)

func init() { register.Plugin("difygen", New) }

// settings are those of the linter in .golangci.yml.
type settings struct {
	Disable []string `json:"disable"` // names of analyzers
}

// New returns the linter. Its settings are a map with a list "disable" of the names of analyzers
// that do not run. It returns an error for anything else.
func New(conf any) (register.LinterPlugin, error) {
	s, err := register.DecodeSettings[settings](conf)
	if err != nil {
		return nil, fmt.Errorf("the settings of difygen: %w", err)
	}
	l := linter{analyzers.All()}
	for _, name := range s.Disable {
		i := slices.IndexFunc(l.analyzers, func(a *analysis.Analyzer) bool { return a.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("the settings of difygen: there is no analyzer %q to disable", name)
		}
		l.analyzers = slices.Delete(l.analyzers, i, i+1)
	}
	return l, nil
}

type linter struct{ analyzers []*analysis.Analyzer }

// BuildAnalyzers returns the analyzers that are not disabled.
func (l linter) BuildAnalyzers() ([]*analysis.Analyzer, error) { return l.analyzers, nil }

// GetLoadMode says that the analyzers need types.
func (linter) GetLoadMode() string { return register.LoadModeTypesInfo }

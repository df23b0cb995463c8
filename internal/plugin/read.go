// Package plugin reads the folder of a plugin: its manifest, and the files that the YAML
// names, which must be in the folder. Links are followed; to refuse those that lead
// outside, and not to wait for FIFOs, pass a file system of regular.FS.
package plugin

import (
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/difygen/difygen/internal/regular"
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// ManifestName is the name of the manifest in a plugin's folder.
const ManifestName = "manifest.yaml"

// Reason returns an error that tells a user why a file cannot be read, without its path.
func Reason(err error) error {
	e := (*fs.PathError)(nil)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w; check the path", fs.ErrNotExist)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w; make it readable", fs.ErrPermission)
	case errors.As(err, &e):
		if e.Err.Error() == "path escapes from parent" { // from an os.Root
			return errors.New("a link leads outside the plugin's folder")
		}
		return e.Err
	}
	return err
}

// ProviderReason is Reason for the file of a provider.
func ProviderReason(err error) error {
	if errors.Is(err, regular.ErrFolder) {
		return fmt.Errorf("%w; name a provider's YAML file in it", regular.ErrFolder)
	}
	return Reason(err)
}

// Source is the content of a provider file that a manifest lists.
type Source struct {
	Path string // from the plugin's folder, with slashes
	Data []byte
	File *model.ProviderFile
}

// Sources reads the provider files that a manifest lists. It leaves out, with a diagnostic,
// those that it cannot read and those that are listed twice.
func Sources(fsys fs.FS, m *model.Manifest) ([]Source, model.Findings) {
	var list []Source
	var findings model.Findings
	seen := make(map[string]bool)
	for i := range m.Providers {
		f := &m.Providers[i]
		report := func(severity model.Severity, format string, args ...any) {
			findings.Add(diagnostic(f.Pos, severity, model.RuleManifest, format, args...))
		}
		name := path.Clean(f.Path)
		if !fs.ValidPath(name) {
			report(model.SeverityError, "%s is outside the plugin's folder", text.Name(f.Path))
			continue
		}
		if seen[name] {
			report(model.SeverityWarning, "provider file %s is listed twice", text.Name(f.Path))
			continue
		}
		seen[name] = true
		data, err := regular.Read(fsys, name)
		if err != nil {
			report(model.SeverityError, "provider file %s: %v", text.Name(f.Path), ProviderReason(err))
			continue
		}
		list = append(list, Source{Path: name, Data: data, File: f})
	}
	return list, findings
}

func diagnostic(at model.Position, severity model.Severity, rule model.Rule, format string, args ...any) model.Diagnostic {
	return model.Diagnostic{Pos: at, Severity: severity, Rule: rule, Message: text.Line(fmt.Sprintf(format, args...))}
}

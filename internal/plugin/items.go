package plugin

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/regular"
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// Contents are what a provider lists.
type Contents struct {
	Items  []Item              // in the order in which the host loads them
	Orders map[string][]string // the names of models as Dify shows them, by type; nil if the host takes none
	Files  map[string][]byte   // the files that were read, by the names that diagnostics use
}

// Item is an item of a provider.
type Item struct {
	*model.Item
	Pos model.Position // where the provider lists it
}

// LoadItems loads the items of a provider: those in its file, and those in the files that
// it lists, which LoadItems reads from fsys, the plugin's folder. Show returns the name of
// such a file for diagnostics. The items are complete if no finding is an error.
func LoadItems(p *model.Provider, fsys fs.FS, show func(file string) string) (Contents, model.Findings) {
	l := &itemLoader{fsys: fsys, kind: p.Kind, show: show, seen: make(map[itemID]bool)}
	l.Files = make(map[string][]byte)
	if list, ok := l.patterns(p.Listed.Items); ok {
		for _, m := range list {
			l.add(l.load(m.file, m.Pos), m.Pos)
		}
	} else {
		for _, listed := range p.Listed.Items {
			item := listed.Item
			if item == nil {
				item = l.load(listed.File, listed.Pos)
			}
			l.add(item, listed.Pos)
		}
	}
	if p.Listed.Positions {
		l.orders(p.Listed.Orders)
	}
	return l.Contents, l.Findings
}

// itemLoader loads the items of a provider, and collects what it finds.
type itemLoader struct {
	Contents
	model.Findings
	fsys fs.FS
	kind model.Kind
	show func(string) string
	seen map[itemID]bool
}

// itemID identifies an item of a provider: models of different types can share a name.
type itemID struct{ modelType, name string }

func (l *itemLoader) errorf(at model.Position, format string, args ...any) {
	l.Add(diagnostic(at, model.SeverityError, model.RuleManifest, format, args...))
}

// add adds an item, unless it is nil.
func (l *itemLoader) add(item *model.Item, at model.Position) {
	if item == nil {
		return
	}
	id := itemID{item.Type, item.Name}
	if item.Name != "" && l.seen[id] {
		l.Add(diagnostic(at, model.SeverityWarning, model.RuleDuplicateName, "%s %s is declared twice; the last one counts", l.kind.Item(), text.Name(item.Name)))
	}
	l.seen[id] = true
	l.Items = append(l.Items, Item{item, at})
}

// load loads the item in a file that the provider names at a position. The item is nil if
// that fails.
func (l *itemLoader) load(file string, at model.Position) *model.Item {
	name, data, ok := l.read(file, at)
	if !ok {
		return nil
	}
	item, findings := model.LoadItem(name, data, l.kind)
	l.Merge(findings)
	return item
}

// read reads a file that the provider names at a position, and returns its name for
// diagnostics.
func (l *itemLoader) read(file string, at model.Position) (name string, data []byte, ok bool) {
	file = path.Clean(file)
	if !fs.ValidPath(file) {
		l.errorf(at, "%s is outside the plugin's folder", text.Name(file))
		return "", nil, false
	}
	data, err := regular.Read(l.fsys, file)
	if err != nil {
		l.errorf(at, "file %s: %v", text.Name(file), Reason(err))
		return "", nil, false
	}
	name = l.show(file)
	l.Files[name] = data
	return name, data, true
}

// match is a file that matches a pattern.
type match struct {
	file string
	Pos  model.Position // of the pattern
}

// patterns returns the files that match the patterns in a list, in the order in which the
// host finds them: it walks the plugin's folder, and takes a file once for each pattern
// that it matches. It returns false if the list has no patterns.
func (l *itemLoader) patterns(list []model.ListedItem) ([]match, bool) {
	var matches []match
	for _, listed := range list {
		if !listed.Pattern {
			return nil, false
		}
		files, err := fs.Glob(l.fsys, listed.File)
		if err != nil {
			l.errorf(listed.Pos, "%s is not a valid file pattern", text.Name(listed.File))
		}
		if len(files) == 0 && err == nil {
			l.Add(diagnostic(listed.Pos, model.SeverityWarning, model.RuleManifest, "no file matches %s", text.Name(listed.File)))
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_position.yaml") { // the order of models
				matches = append(matches, match{file, listed.Pos})
			}
		}
	}
	slices.SortStableFunc(matches, func(a, b match) int {
		return slices.Compare(strings.Split(a.file, "/"), strings.Split(b.file, "/"))
	})
	return matches, true
}

// orders loads the names of the models of each type in the order in which Dify shows them.
func (l *itemLoader) orders(list []model.Order) {
	l.Orders = make(map[string][]string)
	for _, order := range list {
		name, data, ok := l.read(order.File, order.Pos)
		if !ok {
			continue
		}
		names, findings := model.LoadOrder(name, data)
		l.Merge(findings)
		l.Orders[order.Type] = names
	}
}

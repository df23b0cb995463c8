package plugin

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/parallel"
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

// What a provider can list. Several patterns can match one file.
const (
	maxItems    = 10_000
	maxPatterns = 1000
	maxRepeats  = 100 // of one file
)

// Distinct returns the items that have a name, and of those with the same the one that counts: the
// last one, or of endpoints the first. Models of different types can share a name.
func (c *Contents) Distinct() []*model.Item {
	var list []*model.Item
	index := make(map[itemID]int)
	for _, item := range c.run() {
		id := itemID{item.Type, item.Name}
		at, again := index[id]
		switch {
		case item.Name == "", again && item.Kind.FirstCounts():
		case again:
			list[at] = item.Item
		default:
			index[id] = len(list)
			list = append(list, item.Item)
		}
	}
	return list
}

// run returns the items in the order in which they count where the plugin runs. The host loads those in
// the provider's file first. Dify's SDK for Python takes endpoints as the file lists them.
func (c *Contents) run() []Item {
	if len(c.Items) == 0 || !c.Items[0].Kind.FirstCounts() {
		return c.Items
	}
	return slices.SortedStableFunc(slices.Values(c.Items), func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
}

// repeated reports items that are declared again.
func (l *itemLoader) repeated() {
	which := "last"
	if l.kind.FirstCounts() {
		which = "first"
	}
	seen := make(map[itemID]bool)
	for _, item := range l.run() {
		id := itemID{item.Type, item.Name}
		if item.Name != "" && seen[id] {
			l.Add(diagnostic(item.Pos, model.SeverityWarning, model.RuleDuplicateName, "%s %s is declared twice; the %s one counts", l.kind.Item(), text.Name(item.Name), which))
		}
		seen[id] = true
	}
}

// ItemFiles says how LoadItems reads the files of items.
type ItemFiles struct {
	FS      fs.FS                    // the plugin's folder
	Show    func(file string) string // the name of a file for diagnostics
	Missing model.Severity           // of a file that does not exist
}

// LoadItems loads the items of a provider: those in its file, and those in the files that
// it lists. The items are complete if no finding is an error, nor about a missing file.
func LoadItems(p *model.Provider, files ItemFiles) (Contents, model.Findings) {
	l := &itemLoader{ItemFiles: files, kind: p.Kind}
	l.Files = make(map[string][]byte)
	list, ok := l.files(p.Listed.Items)
	if !ok {
		return l.Contents, l.Findings
	}
	var distinct []model.ListedItem
	index := make(map[string]int) // of files in distinct
	count := make(map[string]int)
	for _, listed := range list {
		if listed.Item != nil {
			continue
		}
		if count[listed.File]++; count[listed.File] == 1 {
			index[listed.File] = len(distinct)
			distinct = append(distinct, listed)
		} else if count[listed.File] > maxRepeats {
			l.errorf(listed.Pos, "file %s is listed more than %d times", text.Name(listed.File), maxRepeats)
			return l.Contents, l.Findings
		}
	}
	loaded := make([]file, len(distinct))
	_ = parallel.Each(len(distinct), func(i int) error { // every failure is a finding
		loaded[i] = l.load(distinct[i].File, distinct[i].Pos)
		return nil
	})
	for _, f := range loaded {
		l.keep(f)
	}
	for _, listed := range list {
		item := listed.Item
		if item == nil {
			item = loaded[index[listed.File]].item
		}
		l.add(item, listed)
	}
	if p.Listed.Positions {
		l.orders(p.Listed.Orders)
	}
	l.repeated()
	l.modelTypes(p)
	l.listedTypes(p)
	l.unsentParameters(p)
	l.unsetOutputs(p)
	l.outputTypes(p)
	return l.Contents, l.Findings
}

// itemLoader loads the items of a provider, and collects what it finds.
type itemLoader struct {
	Contents
	model.Findings
	ItemFiles
	kind  model.Kind
	lacks bool // no file matches a pattern

	listedAs []string // the keys under models that list Items; "" for none
	ordered  map[string][]model.OrderedName
}

// itemID identifies an item of a provider: models of different types can share a name.
type itemID struct{ modelType, name string }

func (l *itemLoader) errorf(at model.Position, format string, args ...any) {
	l.Add(diagnostic(at, model.SeverityError, model.RuleManifest, format, args...))
}

// file is a file that was read.
type file struct {
	model.Findings
	name string // for diagnostics; "" if the file could not be read
	data []byte
	item *model.Item // nil if the host could not load it
}

// load loads the item in a file that the provider names at a position. It can be called
// by several goroutines at once.
func (l *itemLoader) load(name string, at model.Position) file {
	f := l.read(name, at)
	if f.name != "" {
		item, findings := model.LoadItem(f.name, f.data, l.kind)
		if f.item = item; item != nil {
			item.Path = path.Clean(name)
		}
		f.Merge(findings)
	}
	return f
}

// read reads a file that the provider names at a position.
func (l *itemLoader) read(name string, at model.Position) (f file) {
	if name = path.Clean(name); !fs.ValidPath(name) {
		f.Add(diagnostic(at, model.SeverityError, model.RuleManifest, "%s is outside the plugin's folder", text.Name(name)))
		return f
	}
	data, err := regular.Read(l.FS, name)
	if err != nil {
		severity := model.SeverityError
		if errors.Is(err, fs.ErrNotExist) {
			severity = l.Missing
		}
		f.Add(diagnostic(at, severity, model.RuleManifest, "file %s: %v", text.Name(name), Reason(err)))
		return f
	}
	f.name, f.data = l.Show(name), data
	return f
}

// keep adds a file that was read, and what was found in it.
func (l *itemLoader) keep(f file) {
	l.Merge(f.Findings)
	if f.name != "" {
		l.Files[f.name] = f.data
	}
}

// add adds an item, unless it is nil.
func (l *itemLoader) add(item *model.Item, listed model.ListedItem) {
	if item == nil {
		return
	}
	l.Items = append(l.Items, Item{item, listed.Pos})
	l.listedAs = append(l.listedAs, listed.Type)
}

// files returns a list with the names of the files that match patterns in their place. A
// list has either patterns or none. Files stand in the order in which the host finds them:
// it walks the plugin's folder, and takes a file once for each pattern that it matches. It
// returns false, with an error, if the list is too long.
func (l *itemLoader) files(list []model.ListedItem) (found []model.ListedItem, ok bool) {
	for i, listed := range list {
		switch {
		case i == maxItems || i == maxPatterns && listed.Pattern:
			l.errorf(listed.Pos, "a provider can list at most %d items, or %d patterns for their files", maxItems, maxPatterns)
			return nil, false
		case !listed.Pattern:
			found = append(found, listed)
			continue
		}
		names, err := l.matching(listed.File)
		if err != nil {
			l.errorf(listed.Pos, "%s is not a valid file pattern", text.Name(listed.File))
		}
		if len(names) == 0 && err == nil {
			l.lacks = true
			l.Add(diagnostic(listed.Pos, model.SeverityWarning, model.RuleManifest, "no file matches %s", text.Name(listed.File)))
		}
		for _, name := range names {
			if !strings.HasSuffix(name, "_position.yaml") { // the order of models
				found = append(found, model.ListedItem{File: name, Type: listed.Type, Pos: listed.Pos})
			}
		}
		if len(found) > maxItems {
			l.errorf(listed.Pos, "the patterns up to this one match more than %d files", maxItems)
			return nil, false
		}
	}
	if len(list) > 0 && list[0].Pattern {
		slices.SortStableFunc(found, func(a, b model.ListedItem) int { return CompareFiles(a.File, b.File) })
	}
	return found, true
}

// matching returns the files that match a pattern. Like the host, it follows no link to a
// folder.
func (l *itemLoader) matching(pattern string) (names []string, err error) {
	if _, err := path.Match(pattern, ""); err != nil {
		return nil, err
	}
	folders := strings.Split(pattern, "/")
	plain := slices.IndexFunc(folders, func(s string) bool { return strings.ContainsAny(s, `*?[\`) })
	if plain < 0 {
		plain = len(folders) - 1
	}
	top := path.Join(folders[:plain]...)
	if top == "" {
		top = "."
	}
	if !fs.ValidPath(top) {
		return nil, nil
	}
	_ = fs.WalkDir(l.FS, top, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil: // what cannot be read has no matches
			return fs.SkipDir
		case d.IsDir() && name != "." && strings.Count(name, "/")+1 >= len(folders):
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		if ok, _ := path.Match(pattern, name); ok {
			names = append(names, name)
		}
		if len(names) > maxItems {
			return fs.SkipAll
		}
		return nil
	})
	return names, nil
}

// CompareFiles compares the names of files, for the order in which the host finds them in a
// folder, and in an archive that has them in this order.
func CompareFiles(a, b string) int {
	return slices.Compare(strings.Split(a, "/"), strings.Split(b, "/"))
}

// CheckPaths returns an error for each file that the YAML names with more than its path from
// the plugin's folder, such as ./tools/a.yaml. The host finds it in a folder, but not in a
// package.
func (p *Plugin) CheckPaths() error {
	var errs []error
	check := func(name string, pos model.Position) {
		if clean := path.Clean(name); name != clean {
			errs = append(errs, fmt.Errorf("%s:%d:%d: the host does not find %s in a package; write %s",
				pos.File, pos.Line, pos.Column, text.Name(name), text.Name(clean)))
		}
	}
	for _, f := range p.Manifest.Providers {
		check(f.Path, f.Pos)
	}
	for _, d := range p.Providers {
		for _, listed := range d.Listed.Items {
			if listed.Item == nil && !listed.Pattern {
				check(listed.File, listed.Pos)
			}
		}
		for _, order := range d.Listed.Orders {
			check(order.File, order.Pos)
		}
	}
	return errors.Join(errs...)
}

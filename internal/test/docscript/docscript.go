// Package docscript runs documents: what a reader would write and run, it writes and runs, in
// the order of the document, and compares what is shown with what comes out.
//
// A block of code is, by the first of these that fits,
//
//   - commands, if its language is sh, or if it is indented and starts with a command;
//   - a file, if the paragraph before it starts with the file's name and ends with a colon, as in
//     "`tools/say.yaml` declares the parameters:". The name is in backquotes and ends like that of
//     a file;
//   - a change of a file, if that paragraph starts with "In" and the name. The block has whole
//     declarations of Go, or whole keys at the top level of YAML, which replace those of the same
//     names, or are added. Imports of Go follow, as editors do it;
//   - otherwise, if its language is text or if it is indented, the output of the commands before.
//     Three dots (…) in a line stand for any text, and a line of them for any lines.
//
// A comment before a block says that it is something else:
//
//	<!-- not run: REASON -->       nothing is done with it
//	<!-- fails -->                 the last of the commands fails, and no other
//	<!-- output -->                it is the output of the commands before
//	<!-- file: PATH -->            it is that file
//	<!-- in: PATH -->              it changes that file
//	<!-- shows: PATH -->           its words are in that file, in this order; others can be between lines
//	<!-- from: PATH -->            it is a part of that file of the repository, whose tests run it
//	<!-- loads: KIND -->           it is a part of the YAML of a provider of that kind, which loads
//	<!-- func: PATH (PARAMS) -->   it is statements, which compile in a function with these
//	                               parameters, in the package of that file
//
// and a comment that stands alone is for tests only:
//
//	<!-- continues: DOCUMENT -->   the document starts with what that one has left
//	<!-- run: COMMAND -->          a command
//	<!-- run fails: COMMAND -->    a command that fails
//	<!-- new folder -->            what follows is in an empty folder
//	<!-- snapshot -->              documents that continue this one do it from here, not from its end
//
// Commands are simple ones with && and |. What hides that a command fails, such as || and &, is
// an error.
//
// A block that is none of this is an error, and so is any other comment, and a link to a file or a
// heading of the repository that is not there.
package docscript

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// marks are the comments that a document can have: whether they stand alone, and have a value.
var marks = map[string]struct{ alone, value bool }{
	"not run": {false, true}, "fails": {false, false}, "output": {false, false},
	"file": {false, true}, "in": {false, true}, "shows": {false, true}, "from": {false, true}, "func": {false, true}, "loads": {false, true},
	"continues": {true, true}, "run": {true, true}, "run fails": {true, true},
	"new folder": {true, false}, "snapshot": {true, false},
}

// leadRE matches a paragraph that says which file the block after it is, or is in.
var leadRE = regexp.MustCompile("^(In )?`((?:[\\w.-]+/)*[\\w-]*\\.[a-z]+(?:\\.[a-z]+)?)`.*:$")

// Run runs documents of the repository in the folder root, by their paths in it.
func Run(t *testing.T, root string, documents ...string) {
	t.Helper()
	root, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	r, err := readAll(root, documents)
	if err != nil {
		t.Fatal(err)
	}
	r.run(t, "", "")
}

// readAll reads documents. It is an error if one of them would not run, since it continues one
// that is not there or does not run itself.
func readAll(root string, documents []string) (*repository, error) {
	if len(documents) == 0 {
		return nil, errors.New("no documents")
	}
	r := &repository{root: root, blocks: make(map[string][]block), next: make(map[string][]string)}
	for _, name := range documents {
		if err := r.read(name); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	for before, names := range r.next {
		if before != "" && !slices.Contains(documents, before) {
			return nil, fmt.Errorf("%s continues %s, which is not among the documents", names[0], before)
		}
	}
	runs := slices.Clone(r.next[""])
	for i := 0; i < len(runs); i++ {
		runs = append(runs, r.next[runs[i]]...)
	}
	for _, name := range documents {
		if !slices.Contains(runs, name) {
			return nil, fmt.Errorf("%s does not run: the documents that it continues lead back to it or to each other", name)
		}
	}
	return r, nil
}

// repository is what is known before anything runs.
type repository struct {
	root   string
	blocks map[string][]block
	next   map[string][]string // the documents that continue one; "" for those that begin
}

func (r *repository) read(name string) error {
	text, err := os.ReadFile(filepath.Join(r.root, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	blocks, err := parse(string(text))
	if err != nil {
		return err
	}
	if err := checkLinks(r.root, name, string(text)); err != nil {
		return err
	}
	before := ""
	if len(blocks) > 0 && blocks[0].mark.key == "continues" {
		before, blocks = path.Join(path.Dir(name), blocks[0].mark.value), blocks[1:]
	}
	r.blocks[name] = blocks
	r.next[before] = append(r.next[before], name)
	return nil
}

// run runs the documents that continue the one that has left the folder dir.
func (r *repository) run(t *testing.T, document, dir string) {
	t.Helper()
	for _, name := range r.next[document] {
		t.Run(path.Base(name), func(t *testing.T) {
			t.Parallel()
			s := &script{repository: r, t: t, dir: t.TempDir()}
			if dir != "" {
				if err := os.CopyFS(s.dir, os.DirFS(dir)); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.run(r.blocks[name]); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			r.run(t, name, cmp.Or(s.snapshot, s.dir))
		})
	}
}

// script is a document that runs.
type script struct {
	*repository
	t      *testing.T
	dir    string   // where the document's files are
	output *string  // of the last commands
	funcs  []string // the files that hold statements
	// snapshot is a copy of the folder for documents that continue; "" if there is none.
	snapshot string
}

// run does what the blocks are for, up to the first one that fails. It reports all that it does
// not understand.
func (s *script) run(blocks []block) error {
	var unknown error
	for _, b := range blocks {
		err := s.block(b)
		if err != nil {
			err = fmt.Errorf("line %d: %w", b.line, err)
		}
		if err != nil && !errors.Is(err, errUnknown) {
			return errors.Join(unknown, err)
		}
		unknown = errors.Join(unknown, err)
	}
	if unknown != nil {
		return unknown
	}
	return s.compile()
}

var errUnknown = errors.New("nothing says what this block is")

// block does what a block or a mark is for.
func (s *script) block(b block) error {
	lead := leadRE.FindStringSubmatch(b.lead)
	switch key := b.mark.key; {
	case key == "not run" || b.lang == "mermaid": // a drawing
		return nil
	case key == "continues":
		return errors.New("this mark must be the first one")
	case key == "new folder":
		err := s.compile()
		s.dir, s.output = s.t.TempDir(), nil
		return err
	case key == "snapshot":
		s.snapshot = s.t.TempDir()
		return errors.Join(s.compile(), os.CopyFS(s.snapshot, os.DirFS(s.dir)))
	case key == "run" || key == "run fails":
		return s.commands(b.mark.value, key == "run fails")
	case key == "output":
		return s.compare(b.text)
	case key == "file":
		return s.write(b.mark.value, b.text)
	case key == "in":
		return s.change(b.mark.value, b.text)
	case key == "shows":
		return s.shows(b.mark.value, b.text)
	case key == "from":
		return s.from(b.mark.value, b.text)
	case key == "loads":
		return s.loads(b.mark.value, b.text)
	case key == "func":
		return s.statements(b.mark.value, b.text)
	case b.lang == "sh" || b.lang == "" && startsWithCommand(b.text):
		return s.commands(b.text, key == "fails")
	case lead != nil && lead[1] != "":
		return s.change(lead[2], b.text)
	case lead != nil:
		return s.write(lead[2], b.text)
	case b.lang == "text" || b.lang == "":
		return s.compare(b.text)
	}
	return errUnknown
}

// path returns the path of a file of the document.
func (s *script) path(name string) (string, error) {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return "", fmt.Errorf("%s is not in the document's folder", name)
	}
	return filepath.Join(s.dir, filepath.FromSlash(name)), nil
}

func (s *script) write(name, text string) error {
	file, err := s.path(name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(text), 0o600)
}

// change changes the declarations or keys of a file.
func (s *script) change(name, text string) error {
	file, err := s.path(name)
	if err != nil {
		return err
	}
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var changed string
	switch path.Ext(name) {
	case ".go":
		changed, err = mergeGo(string(old), text, s.packages())
	case ".yaml":
		changed = mergeYAML(string(old), text)
	default:
		err = fmt.Errorf("only files of Go and YAML can be changed, not %s", name)
	}
	if err != nil {
		return err
	}
	return s.write(name, changed)
}

// from checks that a text is in a file of the repository.
func (s *script) from(name, text string) error {
	source, err := os.ReadFile(filepath.Join(s.root, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	if !strings.Contains(flush(string(source)), flush(text)) {
		return fmt.Errorf("%s does not have this text", name)
	}
	return nil
}

// flush returns a text without the indentation of its lines.
func flush(text string) string {
	return indentRE.ReplaceAllString(text, "")
}

var indentRE = regexp.MustCompile(`(?m)^[ \t]+`)

// loads checks that difygen finds no error in a provider with the keys of a text.
func (s *script) loads(kind, text string) error {
	const name = "docscript.yaml"
	const identity = "identity:\n  author: you\n  name: docscript\n  icon: icon.svg\n  label: {en_US: L}\n  description: {en_US: D}\n"
	if err := s.write(name, mergeYAML(identity, text)); err != nil {
		return err
	}
	return s.commands("difygen inspect -kind "+kind+" "+name+" && rm "+name, false)
}

// shows checks that a file of the document has the words of a text.
func (s *script) shows(name, text string) error {
	file, err := s.path(name)
	if err != nil {
		return err
	}
	source, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if line := missing(string(source), text); line != "" {
		return fmt.Errorf("%s does not have %q here", name, line)
	}
	return nil
}

var funcRE = regexp.MustCompile(`^(\S+\.go) (\(.*\).*)$`)

// statements writes a function beside a file of Go, which compile looks at.
func (s *script) statements(value, text string) error {
	m := funcRE.FindStringSubmatch(value)
	if m == nil {
		return errors.New("the mark func takes a file of Go and parameters")
	}
	file, err := s.path(m[1])
	if err != nil {
		return err
	}
	beside, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	function := fmt.Sprintf("%s\n\nfunc _%s {\n%s\tpanic(0)\n}\n", packageRE.Find(beside), m[2], text)
	function, err = fixImports(function, s.packages())
	if err != nil {
		return err
	}
	suffix := ".go"
	if strings.HasSuffix(m[1], "_test.go") {
		suffix = "_test.go"
	}
	name := path.Join(path.Dir(m[1]), fmt.Sprintf("docscript%d%s", len(s.funcs), suffix))
	s.funcs = append(s.funcs, name)
	return s.write(name, function)
}

// compile checks the functions that hold statements, then removes them.
func (s *script) compile() error {
	if len(s.funcs) == 0 {
		return nil
	}
	if err := s.commands("go vet -unreachable=false ./...", false); err != nil {
		return err
	}
	for _, name := range s.funcs {
		if err := os.Remove(filepath.Join(s.dir, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	s.funcs = nil
	return nil
}

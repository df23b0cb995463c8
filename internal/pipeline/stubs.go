package pipeline

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/difygen/difygen/gen"
)

// stubber decides which files of a package to write, and what the author's lack.
type stubber struct {
	GoFolder
	code    *gen.Package
	show    func(file string) string
	notes   []string
	missing []Missing
	stubs   []Stub
	unfit   []string            // notes on code of the author
	before  map[string][]string // the methods that older code demanded, by its source
}

// Stub is a file with methods that their author completes.
type Stub struct {
	File    string // as shown
	Source  string // the path of the provider's file, from the plugin's folder
	Item    string // that of the item; "" for the provider
	Methods []string
}

// Missing is a method that the author's type lacks, a function that gives it all methods of an
// interface, or another type that only the author can declare.
type Missing struct {
	Source    string // the path of the provider's file, from the plugin's folder
	File      string // that declares the type, as shown
	Package   string // of the file
	Type      string
	Interface string   // that has the method
	Name      string   // of the method, the function, or the type
	IsType    bool     // it is a type, which calls of methods of Interface have
	Code      string   // it, ready to paste
	Imports   []string // the paths of the packages that Code uses
	Untidy    bool     // go.mod lacks the module of one of them
	// Embeds: Type embeds one whose methods are unknown, which can have the method.
	Embeds bool
	// Fields are lines of code: the fields of Type that a function sets. FieldImports are the
	// paths of the packages that they use.
	Fields, FieldImports []string
}

// files makes the files of the package: those that difygen owns, the stub of each type of the
// author that the package lacks, and the stub of each item that is new and has no method.
func (s *stubber) files() ([]File, error) {
	var wanted []gen.File
	for _, f := range s.code.Files() {
		if s.wants(f) {
			wanted = append(wanted, f.Without(func(typ string) bool { return s.declares(typ) != "" }))
		}
	}
	files, err := contents(wanted, s.names())
	if err != nil {
		return nil, err
	}
	for i, f := range wanted {
		if f.Stub {
			s.stubs = append(s.stubs, Stub{s.show(files[i].Name), f.Source, f.Item, f.Methods})
		}
	}
	requirements, err := s.code.Requirements()
	if err != nil {
		return nil, err
	}
	s.lack(requirements, wanted, files)
	s.unfit = append(s.genericOf(requirements), s.unaskedOf(requirements, files)...)
	return files, nil
}

// wants reports whether a file is to be written.
func (s *stubber) wants(f gen.File) bool {
	switch {
	case !f.Stub:
		return true
	case f.Type != "":
		at := s.declares(f.Type)
		if at != "" {
			s.notes = append(s.notes, fmt.Sprintf("%s: has type %s, no stub needed", s.show(at), f.Type))
		}
		return at == ""
	}
	has := func(method string) bool { return s.hasMethod(f.Receiver, method) }
	if slices.ContainsFunc(f.Methods, has) || s.embeds(f.Receiver) {
		return false
	}
	return s.isNew(f.Source, f.Methods)
}

// isNew reports whether the code that was generated from a source before demanded none of
// some methods.
func (s *stubber) isNew(source string, methods []string) bool {
	demanded, known := s.before[source]
	if !known {
		demanded = s.demanded(source)
		s.before[source] = demanded
	}
	return !slices.ContainsFunc(methods, func(name string) bool { return slices.Contains(demanded, name) })
}

// lack finds the methods that the author must add to a type, and the types that they need, apart
// from those in the wanted stubs, of which files are made. A type that embeds an unknown one may
// have methods from there, so only new ones count. A type that lacks all methods of an interface
// gets them from a function, if there is one.
func (s *stubber) lack(requirements []gen.Requirement, wanted []gen.File, files []File) {
	stubbed := make(map[string]bool)
	at := make(map[string]string) // the files that declare types
	for i, f := range wanted {
		if f.Type != "" {
			at[f.Type] = files[i].Name
		}
		for _, name := range f.Methods {
			stubbed[f.Receiver+"."+name] = true
		}
		for _, name := range f.Types {
			at[name] = files[i].Name
		}
	}
	for _, r := range requirements {
		lacked := slices.DeleteFunc(slices.Clone(r.Methods), func(m gen.Func) bool {
			return stubbed[r.Type+"."+m.Name] || s.hasMethod(r.Type, m.Name) || s.embeds(r.Type) && !s.isNew(r.Source, []string{m.Name})
		})
		file := s.show(cmp.Or(at[r.Type], s.declares(r.Type)))
		miss := func(f gen.Func) Missing {
			return Missing{
				Source: r.Source, File: file, Package: s.code.Name(), Type: r.Type, Interface: r.Interface, Name: f.Name, Code: f.Code, Imports: f.Imports, Embeds: s.embeds(r.Type),
			}
		}
		for _, t := range r.Types {
			if at[t.Name] == "" && s.declares(t.Name) == "" {
				m := miss(gen.Func{Name: t.Name, Code: t.Code})
				m.IsType, m.Embeds = true, false
				s.missing = append(s.missing, m)
			}
		}
		if c := r.Constructor; c != nil && len(lacked) == len(r.Methods) {
			m := miss(c.Func)
			m.Fields, m.FieldImports = c.Fields, c.FieldImports
			s.missing = append(s.missing, m)
			continue
		}
		for _, f := range lacked {
			s.missing = append(s.missing, miss(f))
		}
	}
}

// Package difygen turns the provider YAML of a Dify plugin into typed Go. This
// comment is the manual of the command; the README is the short way in.
//
// # What it does
//
// A Dify plugin declares its credentials in YAML, and Dify hands the values to
// the plugin's code as a bag of strings. From the same YAML, the command difygen
// writes
//
//   - a struct for every section of credentials, with the label, help, default and
//     YAML path of each field as its comment, and functions that decode and encode
//     it; what your code returns is checked, too;
//   - an interface for the check of API keys and one for OAuth, with assertions
//     that make the compiler say which methods your type lacks;
//   - a function that returns the adapter of your type, which a host talks to;
//   - once, a stub of your type.
//
// Generated code imports package runtime of this module, which imports only the
// standard library. Package runtime/authcode makes the methods of OAuth a line each,
// runtime/runtimetest tests a provider as a host would use it, and serve runs the
// plugin on a Dify host.
//
// # Use
//
//	go get -tool github.com/difygen/difygen/cmd/difygen
//
// In the package that is to hold the Go code, in the plugin's folder or below it:
//
//	//go:generate go tool difygen
//
// Without arguments the command reads the manifest.yaml here or in the nearest
// parent folder, and every provider file that it lists; with arguments, those
// files. It writes into the current folder, which is that of the directive:
// NAME_dify.go, which it owns, and NAME.go, which is yours, where NAME is the
// name of the YAML file.
//
// Files are written all or none, and only if they change. A file that does not
// carry difygen's header is never overwritten. The generated file of a provider
// that the manifest lists no more, or that needs no credentials any more, is
// removed. The stub is written only while the package has no type of its name.
//
// # Subcommands
//
//	difygen [flags] [provider.yaml ...]
//	difygen inspect [flags] FILE ...
//	difygen package [flags] [PACKAGE]
//	difygen version
//	difygen help [SUBCOMMAND]
//
// Without a subcommand, difygen generates. "difygen inspect" prints what the Dify host
// sees in provider files, as JSON, and nothing for a file that the host cannot load.
// "difygen package" is described below. Each subcommand has its own flags, which may
// stand behind its other arguments; "difygen help SUBCOMMAND" lists them.
//
// # Names
//
// A package that is called like the provider has plain names: Credentials,
// Provider, NewProvider. In any other package, names start with the provider's
// name: GithubCredentials. The flags -prefix and -type decide otherwise. A field
// is in camel case with Go's initialisms; where two fields become one name, the
// later one gets a number, with a warning.
//
// An endpoint group has no name of its own; that of its file stands for it. Where
// providers of several kinds share a name in one plugin, the first in the order
// tool, model, endpoint, data source, trigger has it for itself, with or without
// credentials, and the kind is added to the others: GithubTriggerCredentials. So it is with files of one name:
// github_trigger_dify.go. Names depend on the manifest alone, not on which file a
// run is for or what else is in the folder.
//
// A select has a type of its own, with a constant for each option. Where two
// sections have selects of one name with other options, the later type has its
// section in front.
//
// # Values
//
// An optional field that is not given has its zero value. What Dify sends is
// decoded leniently: null is absent, a boolean may come as 1 or "true", unknown
// keys are ignored, a default fills what is absent. Masked and encrypted values,
// which a fault of the host can let through, are refused.
//
// In a form of a model provider, a field or an option can depend on other fields
// and on the type of the model. One variable that is declared several times is one
// field: the first declaration whose conditions hold counts, and the field is
// required if any that holds says so. A default fills an empty value, too.
//
// Parameters of triggers have more types: a number is a float64, a checkbox or what
// takes several values a slice, an object a map. Properties of a subscription that
// no field declares are in its Extra.
//
// # Packages
//
// "difygen package" builds the archive that installs the plugin in the current folder
// on a Dify host: what its manifest names, static binaries of its main package for
// Linux, and the Python main that the host runs, which becomes one of them. It needs
// the go command. It starts the plugin once, from the files of the archive alone, and
// writes nothing if that fails or the host would refuse the manifest. The same sources
// give the same bytes. docs/run.md says how to install it.
//
// # Diagnostics
//
// What the Dify host cannot load is an error. What breaks the rules that it
// declares, or what it drops without a word, is a warning; so is what will hurt
// the author. On a terminal the offending line stands below its diagnostic, in
// color unless NO_COLOR is set. docs/rules.md lists the rules.
//
// A YAML comment "# difygen:ignore RULE", above an entry or at the end of its first
// line, silences warnings of that rule for the entry. One that silences nothing is
// a warning.
//
// The exit code is 0 if nothing is wrong, 1 if the YAML or the plugin is or -check
// finds a difference, and 2 for wrong usage or a file that cannot be read or written.
package difygen

import (
	"io/fs"

	"github.com/difygen/difygen/internal/pipeline"
	"github.com/difygen/difygen/model"
)

// Diagnostics is everything wrong that Generate found in a plugin's YAML.
type Diagnostics = model.Diagnostics

// File is a Go file of a package.
type File struct {
	Name string // without a folder
	Data []byte
}

// Options say which package Generate writes for.
type Options struct {
	// Package is the name of the package. If it is empty, GoFiles say it or, without
	// any, the last element of Module.
	Package string
	// Module is the path of the plugin's Go module, such as example.com/github.
	Module string
	// GoFiles are the Go files in the package's folder, by name. A stub is only made
	// for a type that they lack, under a name that none of them has.
	GoFiles map[string][]byte
}

// Generate returns the Go files for all providers of a plugin: those that difygen owns,
// and the stubs of the types that opts.GoFiles lack. fsys is the plugin's folder, with
// manifest.yaml in it. Generate writes nothing, and the same input gives the same files.
//
// Diagnostics are sorted. If one of them is an error, there are no files. The error is
// that of a manifest that cannot be read, or of options that do not fit.
func Generate(fsys fs.FS, opts Options) ([]File, Diagnostics, error) {
	planned, diags, err := pipeline.Generate(fsys, opts.Package, opts.Module, pipeline.NewGoFolder(opts.GoFiles))
	if err != nil {
		return nil, diags, err
	}
	var files []File
	for _, f := range planned {
		files = append(files, File{Name: f.Name, Data: f.Data})
	}
	return files, diags, nil
}

// Package difygen turns the provider YAML of a Dify plugin into typed Go. This
// comment is the manual of the command. Start with the README.
//
// # What it does
//
// A Dify plugin declares its credentials in YAML, and Dify passes the values to
// the plugin's code as an untyped map. From the same YAML, the command difygen
// writes
//
//   - a struct for each section of credentials, whose fields have their label,
//     help, default and YAML path as comments, and functions that decode and encode
//     it; what your code returns, such as OAuth credentials, is checked;
//   - an interface for the validation of credentials and one for OAuth, with
//     assertions, so that the compiler says which methods your type lacks;
//   - a function that returns the adapter of your type, which a host calls;
//   - once, a stub of your type.
//
// Generated code imports package runtime of this module, which imports only the
// standard library. With package runtime/authcode, each OAuth method is one line.
// Package runtime/runtimetest tests a provider as a host would use it. Package
// serve runs the plugin on a Dify host.
//
// # Use
//
//	go get -tool github.com/difygen/difygen/cmd/difygen
//
// In the Go package that will hold the code, in the plugin's folder or below it:
//
//	//go:generate go tool difygen
//
// Without arguments, the command reads the manifest.yaml in the current folder or
// its nearest parent, every provider file that it lists, and the files of the tools,
// models and other items that the providers list. No code depends on items yet; the
// command reports what is wrong with them. With arguments, it reads those provider
// files only. It writes into the current folder, which is that of the
// directive. For NAME.yaml it writes NAME_dify.go, which difygen owns, and, except for
// endpoints, the stub NAME.go, which is yours and only written if the package lacks the
// type. In the folder of the manifest itself, name a file, or say with -o, -package or
// -prefix where or how to generate.
//
// # Files
//
// The command writes all files or none, and only files that change. The first line of a
// generated file names the YAML file and AUTHOR/NAME of the plugin, if the manifest has
// both. A file is replaced only if its name and this line show that it was generated for
// the same plugin, or for the same YAML file before there was a manifest. If you change
// the plugin's author or name, remove the generated files, then generate them again.
//
// A run that names no files removes the generated files of the plugin that nothing needs:
// those of providers that the manifest no longer lists, or that no longer need
// credentials. Nothing is removed in a run that reports something in the file it was
// generated from, or in the manifest. Under go generate (GOFILE is set), such a file is
// not removed but emptied, except for its first line and package clause, because the go
// command has listed all files before. Remove it yourself, or run difygen by hand.
// -check reports files that would be removed or emptied, and accepts empty ones. Whatever
// looks generated, but stays, is named.
//
// Files are changed one by one: generated files in the order of the manifest, stubs, and
// then what is removed. Each takes the place of the old one at once. If one fails, those
// before it are undone. If the process is killed, each file is either old or new; the
// next run completes the others and removes temporary files (.difygen-NUMBER). Runs that
// write into one folder wait for each other, up to 30 seconds, where the file system has
// locks. A file that another program changes during a run is not replaced, except in the
// microseconds between the last look at it and the change.
//
// # Subcommands
//
//	difygen [flags] [provider.yaml ...]
//	difygen inspect [flags] [FILE ...]
//	difygen package [flags] [PACKAGE]
//	difygen version
//	difygen help [SUBCOMMAND]
//
// Without a subcommand, difygen generates. "difygen inspect" prints what the Dify host
// sees in provider files as JSON, and nothing for a file that the host cannot load. With
// -item KIND, the files are those of items: a tool, model, endpoint, strategy, datasource
// or event; each gives one JSON object. With -declaration, it reads the whole plugin, and
// prints the declaration that the host extracts from its folder, even if the host would
// refuse to run it. "difygen package" is described below. Each subcommand has its own flags, which can
// follow its other arguments. "difygen help SUBCOMMAND" lists them.
//
// # Names
//
// A package with the name of the provider has plain names: Credentials, Provider,
// NewProvider. In any other package, names start with that of the provider:
// GithubCredentials. The flags -prefix and -type override this. A field's name is in
// camel case with Go's initialisms (db_uri is DBURI), and names such as OpenAI are
// spelled as usual. If two fields get the same name, the later one gets a number, with
// a warning.
//
// An endpoint provider has no name, so the name of its file is used. If providers of
// several kinds in one plugin share a name, the first in the order of the kinds that
// "difygen -h" lists uses it alone, even if it has no credentials. The names of the
// others include the kind: GithubTriggerCredentials. The same goes for files:
// github_trigger_dify.go. Given the package, names depend only on the manifest, not on
// which files a run reads or what else is in the folder.
//
// A select has its own type, with a constant for each option. If two sections have
// selects with the same name and different options, the name of the later type
// starts with its section.
//
// A YAML comment "# difygen:name NAME" above a field or an option of a select, or at
// the end of its first line, chooses its name; a reason can follow after "--". The NAME
// of a field is that in the struct, and also that of its type if it is a select. The
// NAME of an option is its whole constant. Types and constants still start with the
// provider's name where that is due:
//
//	order:
//	  type: select
//	  options:
//	    - {value: id, label: {en_US: Oldest first}}
//	    # difygen:name OrderDescending
//	    - {value: -id, label: {en_US: Newest first}}
//
// Without the comment, the option -id would be OrderID2, a name that moves to another
// option if the two are reordered. A name that only the order of the YAML decides is a
// warning, which proposes the comment. A name that is taken is an error. Where several
// declarations are one field or one type, one comment at any of them is enough.
//
// # Values
//
// An optional field without a value has its zero value. Values from Dify are decoded
// leniently: null is absent, a boolean can be 1 or "true", unknown keys are ignored,
// and a default replaces an absent value. Masked and encrypted values, which the host
// can pass on by mistake, are refused.
//
// In the form of a model provider, a field or an option can depend on other fields
// and on the type of the model. Several declarations of a variable are one field: the
// first declaration whose conditions hold counts, and the field is required if any
// declaration whose conditions hold requires it. A default also replaces an empty
// value.
//
// Parameters of triggers have more types: a number is a float64, a checkbox or
// whatever takes several values is a slice, and an object is a map. Properties of a
// subscription that no field declares are in its Extra.
//
// # Packages
//
// "difygen package" builds the archive that installs the plugin in the current folder
// on a Dify host. The archive has the files that the manifest names, static binaries
// of the main package for Linux, and the Python main that the host runs, which
// executes one of them. The command needs the go command. It starts the plugin once,
// with only the files of the archive, and writes nothing if that fails or the host
// would refuse the manifest. The same sources give the same bytes. docs/run.md says
// how to install the archive.
//
// # Diagnostics
//
// What the Dify host cannot load is an error. What breaks the rules that the host
// declares, what the host silently drops, and what the author will regret are
// warnings. On a terminal, the source line is printed below each diagnostic, in color
// unless NO_COLOR is set. docs/rules.md lists the rules.
//
// A YAML comment "# difygen:ignore RULE" above a key or an item of a list, or at the
// end of its first line, ignores the warnings of that rule there. A comment that
// ignores nothing is a warning.
//
// The exit code is 0 if nothing is wrong, 1 if the YAML or the plugin is wrong or
// -check finds a difference, and 2 for wrong usage or a file that cannot be read or
// written.
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
	// Stub is true for a file that becomes the author's, who edits it: write it once.
	// The others are difygen's: replace them each time.
	Stub bool
}

// Options say which package Generate writes for.
type Options struct {
	// Package is the name of the package. If empty, it is the package of GoFiles; without
	// GoFiles, the last element of Module; without Module, "provider".
	Package string
	// Module is the path of the plugin's Go module, such as example.com/github.
	Module string
	// GoFiles are the Go files already in the package's folder, by name. A stub is made
	// only for a type that they do not declare, under a free file name. Without GoFiles,
	// every run returns a stub.
	GoFiles map[string][]byte
}

// Generate returns the Go files for all providers of a plugin: those that difygen owns,
// and the stubs of the types that opts.GoFiles lack. fsys is the plugin's folder, with
// manifest.yaml in it. Generate writes nothing, and the same input gives the same files.
//
// Diagnostics are sorted. If one of them is an error (Diagnostics.HasErrors), there are no
// files. Generate returns an error if the manifest cannot be read or the options are
// wrong.
func Generate(fsys fs.FS, opts Options) ([]File, Diagnostics, error) {
	planned, diags, err := pipeline.Generate(fsys, opts.Package, opts.Module, pipeline.NewGoFolder(opts.GoFiles))
	if err != nil {
		return nil, diags, err
	}
	var files []File
	for _, f := range planned {
		files = append(files, File(f))
	}
	return files, diags, nil
}

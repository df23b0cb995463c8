// Package difygen turns the YAML of a Dify plugin into typed Go. This comment is the
// manual of the command. Start with the README; docs/reference.md has tables of what
// becomes what.
//
// # What it does
//
// A Dify plugin declares its credentials and the parameters of its tools in YAML, and
// Dify passes the values to the plugin's code as an untyped map. From the same YAML, the
// command difygen writes
//
//   - a struct for each section of credentials, for the parameters of each tool and data
//     source, and for the values in the path of each endpoint, whose fields have their label,
//     help, default and place in the YAML as comments, and functions that decode and encode
//     it; what your code returns, such as OAuth credentials, is checked;
//   - interfaces for the validation of credentials, for OAuth, and with a method for each
//     tool, endpoint and type of model, and for each thing that Dify asks of data sources, so
//     that the compiler says which methods your type lacks;
//   - for models, a struct for the parameters of all of them, and a constant for each name;
//   - a struct with what resource.permission in the manifest lets code ask of Dify, which all
//     calls but those of models have, and a function that returns it for the context of any
//     request;
//   - a function that returns the adapter of your type, which a host calls;
//   - a function that returns the plugin, with what Dify must be told about it and its
//     icons embedded, so that it runs from one binary and reads no YAML;
//   - once, stubs of your type, of each tool, data source and endpoint, and of the main
//     function.
//
// Generated code imports package runtime of this module, which imports only the
// standard library. Package serve runs the plugin on a Dify host. A type that embeds a
// flow of package runtime/authcode has the OAuth methods. Package runtime/difytest tests
// a plugin as a host would use it.
//
// # Use
//
// In an empty folder, "difygen init" makes a whole plugin; see "New plugins". In the folder of
// a plugin that has its YAML, it makes the Go side. By hand, that is
//
//	go get -tool github.com/difygen/difygen/cmd/difygen
//	go tool difygen
//	go mod tidy
//
// In the folder of manifest.yaml, which must be in a Go module, the command generates the
// whole plugin. The main.go that it writes has a directive for later runs:
//
//	//go:generate go tool difygen
//
// # Whole runs
//
// A run is for the whole plugin if it names no files, has none of the flags -kind, -o,
// -package, -prefix and -type, and starts in the folder of manifest.yaml, or below it if
// plugin_dify.go is beside the manifest. It reads every file that the manifest reaches,
// and writes
//
//   - beside the manifest, plugin_dify.go with the function newPlugin and, once, main.go,
//     unless the package has a main function;
//   - beside each provider file NAME.yaml, NAME_dify.go and, once, the stub NAME.go,
//     unless the package has the type;
//   - there, too, a stub for each tool, data source, endpoint, event and strategy that is new and
//     has no method yet.
//
// A package in a folder without Go files is called like its first provider. If the
// manifest's folder holds another package than main, plugin_dify.go joins it and exports
// NewPlugin, for a main package elsewhere.
//
// What is embedded are the files in _assets and below it. Empty files, links, files whose
// names start with a dot, keys, and names that Go cannot embed are left out, with a
// warning; if the YAML names one as an icon, that is an error.
//
// Stubs are yours: a run never changes one, nor writes that of an item again after you removed
// it, unless the item has other methods now. If a type of yours lacks methods that the
// compiler asks for, the run prints them, ready to paste; for OAuth, that is a function and the
// fields that it sets. If the type embeds another one than the flow of package
// runtime/authcode, they can come from there, so only the methods that are new in this run are
// printed. It also names the methods of the type that do not compile and that nothing asks
// for, such as those of a tool that was renamed.
//
// plugin_dify.go has the SHA-256 of each YAML file. "difygen package" refuses a plugin
// whose YAML has changed since, -check reports it, its tests with difytest fail, and a plugin
// that starts beside a changed file warns in its log.
//
// # Credentials alone
//
// Any other run generates code for credentials, OAuth, settings and subscriptions, and none
// for tools, models, data sources and endpoints. It writes into one package: that of the
// current folder, or of the folder that -o names. Without arguments, it reads the
// manifest.yaml in the current folder or its nearest parent, and every provider that it
// lists; with arguments, those provider files only. For NAME.yaml it writes NAME_dify.go and,
// except for endpoints, the stub NAME.go, if the package lacks the type. It does not replace a
// file of a whole run.
//
// # Files
//
// The command writes all files or none, and only files that change. The first line of a
// generated file names the YAML file and AUTHOR/NAME of the plugin, if the manifest has
// both, and says if it is of a whole run. A file is replaced only if its name and this line
// show that it was generated for the same plugin, or for the same YAML file before there
// was a manifest. If you change the plugin's author or name, remove the generated files,
// then generate them again. That is not necessary for the author your-name, which a new
// plugin has.
//
// A run that names no files removes the generated files of the plugin that nothing needs:
// those of providers that the manifest no longer lists, or that no longer need code.
// Nothing is removed in a run that reports something in the file it was generated from, or
// in the manifest. Under go generate (GOFILE is set), such a file is
// not removed but emptied, except for its first line and package clause, because the go
// command has listed all files before. Remove it yourself, or run difygen by hand.
// -check reports files that would be removed or emptied, and accepts empty ones. Whatever
// looks generated, but stays, is named.
//
// Files are changed one by one: generated files in the order of the manifest, then
// plugin_dify.go, stubs, and then what is removed. Each takes the place of the old one at
// once. If one fails, those before it are undone. If the process is killed, each file is
// either old or new; the next run completes the others and removes temporary files
// (.difygen-NUMBER). Runs that write into one folder wait for each other, up to 30 seconds,
// where the file system has locks. A file that another program changes during a run is not
// replaced, except in the microseconds between the last look at it and the change.
//
// # Many plugins
//
// "difygen -check ./..." checks all plugins in the current folder and below it, and
// ./plugins/... those in another one. It leaves out what the go command leaves out: testdata,
// vendor, names that start with _ or a dot, links, and other modules than that of the first
// folder; of those, it names the ones that have plugins. Patterns are for -check alone: "go
// generate ./..." generates.
//
// A plugin with Go files is checked as a whole run in its folder does. The directives of go
// generate in Go files that run difygen for less, which are those for credentials alone, are
// checked with their flags, and with the variables that the go command sets. A plugin that has
// only such directives, and no plugin_dify.go, is not asked for the code of a whole run, but its
// YAML is checked. So is that of a plugin without Go files. What is in a shell script, or behind
// another command, is not found.
//
// What is wrong with the YAML of all plugins comes sorted, and a line for each folder in
// which to generate again. Differences are printed as they are found. An error in one plugin
// does not keep the others from being checked; 2 wins over 1 as the exit code.
//
// # Subcommands
//
//	difygen [flags] [provider.yaml ...]
//	difygen init [flags] [NAME]
//	difygen inspect [flags] [FILE ...]
//	difygen package [flags] [PACKAGE]
//	difygen schema [flags] [NAME]
//	difygen version
//	difygen help [SUBCOMMAND]
//
// Without a subcommand, difygen generates. "difygen inspect" prints what the Dify host
// sees in provider files as JSON, and nothing for a file that the host cannot load. With
// -item KIND, the files are those of items: a tool, model, endpoint, strategy, datasource
// or event; each gives one JSON object. With -declaration, it reads the whole plugin, and
// prints the declaration that the host extracts from its folder, even if the host would
// refuse to run it. "difygen schema" and "difygen package" are described below. Each
// subcommand has its own flags, which can follow its other arguments. "difygen help
// SUBCOMMAND" lists them.
//
// # Schemas for editors
//
// "difygen schema NAME" prints a JSON Schema (draft-07) of the YAML, with which editors
// complete keys and values, explain them, and report most of what difygen does. NAME is
// manifest, provider, or the kind of an item: tool, model, endpoint, strategy, datasource
// or event. The schema of a provider is for any kind, which the keys of the file tell, or
// for the one that -kind names. With -o, it writes the schemas for the plugin in the
// current folder into another one: manifest.json, and for each kind of provider
// provider-KIND.json and that of its items. Where there is no plugin, it writes all, and
// provider.json for any kind. If a file there has the name of one but is not a schema of
// difygen, by its "$id", it writes nothing. A directive in main.go keeps them current:
//
//	//go:generate go tool difygen schema -o .schema
//
// What depends on other values, files or the order of fields is up to the command: names
// that are used twice, a default that is not among the options, a file that does not exist.
// docs/reference.md says how editors find the schemas.
//
// # New plugins
//
// "difygen init NAME" makes a plugin in the current folder, or in that of -C, which it does not
// create: YAML with comments, an icon, code with an example of the -kind of plugin (tool, model,
// datasource, trigger, agent or endpoint), tests of it, a README, a privacy policy, schemas for
// editors in .schema, a workflow for CI, and go.mod. NAME is the name of the plugin, in the
// manifest; by default, it is made from that of the folder. The folder must be empty, apart from
// hidden files and folders, go.mod, go.sum, and LICENSE, NOTICE, README and PRIVACY with any
// extension. Files that are there stay as they are.
//
// In a folder with a manifest.yaml, such as that of a plugin in Python, it makes the Go side:
// what a run for the whole plugin writes, a test that starts the plugin, and, unless they are
// there, go.mod, .schema, .gitignore, .env.example and the settings of VS Code. It lists what
// is left to port: the methods that are not written, each with the Python file that the YAML
// names under extra.python. If the YAML has errors, it writes nothing.
//
// If go.mod is in the folder or above, the plugin belongs to that module. Otherwise, or with
// -module, it gets one of its own, called example.com/NAME by default. That requires the
// version of the difygen that runs. A build in a checkout of difygen has none that others can
// get, and needs -replace DIR, the folder of a checkout, absolute or relative to the plugin's.
// The command uses no network and runs no other command; it ends with those to type next.
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
// The tool list_issues is the method ListIssues, with the types ListIssuesCall,
// ListIssuesParameters and ListIssuesOutput. Its parameter label of type dynamic-select is
// the method ListIssuesLabelOptions, and has_runtime_parameters is
// ListIssuesRuntimeParameters. Objects in the outputs of tools that have the same properties
// share the type of the first. If a name is taken, the later one gets a number, with a
// warning.
//
// The data source docs has the methods DocsCrawl, DocsPages and DocsPageContent, or DocsBrowse and
// DocsDownload, as the provider_type says, with the types DocsPagesCall and its like, and
// DocsParameters. An endpoint is named after its file: that of endpoints/item.yaml is the method
// Item, with the type ItemCall, and ItemPath for the values in its path. One that stands in the
// provider's file is named after its method and path.
//
// The types of models are methods of the interface Models: LLM, Embed, Rerank, Speak, Voices,
// Transcribe and Moderate, and CustomModel if users can add models. The model small is the
// constant ModelSmall. The parameter_rules of all language models together are the fields of
// LLMParameters.
//
// A YAML comment "# difygen:name NAME" above a field, an option of a select, or "model" in the
// file of a model, or at the end of its first line, chooses its name; a reason can follow after
// "--". The NAME of a field is that in the struct, and also that of its type if it is a select.
// The NAME of an option or a model is its whole constant. Types and constants still start with the
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
// Parameters have more types: a number is a float64, a checkbox or whatever takes
// several values is a slice, and an object is a map. Those of tools come from models and
// workflows, too, so that, as with data sources, more is converted: a number can be text, and
// a list can be JSON in a text. A number of precision 0 is an int64, and one that is optional and has no
// default is a runtime.Optional, as is every parameter of a language model; those are checked by
// the rules of the model that is called. Properties of a subscription that no field declares are
// in its Extra, and so are parameters of models that users add.
//
// # Packages
//
// "difygen package" builds the archive that installs the plugin in the current folder
// on a Dify host. The archive has the files that the manifest names, the assets, static
// binaries of the main package for Linux, and the Python main that the host runs, which
// executes one of them. The command needs the go command. It starts the plugin once,
// with only the files of the archive and a minimal environment, and ends its standard input
// when it has sent a heartbeat. It writes nothing if that fails, if the host would refuse the
// plugin, or if the generated code does not fit the YAML. Neither does it if the plugin
// declares what Dify asks nothing of, such as a data source of an unknown provider_type; with
// -allow-incomplete, that is a warning. The same sources give the same bytes. docs/run.md says
// how to install the archive.
//
// # Diagnostics
//
// What the Dify host cannot load is an error. What breaks the rules that the host
// declares, what the host silently drops, and what the author will regret are
// warnings. With -json, they are JSON, and with -github, annotations of GitHub Actions. On a
// terminal, the source line is printed below each diagnostic, in color unless NO_COLOR is
// set. docs/rules.md lists the rules.
//
// A YAML comment "# difygen:ignore RULE" above a key or an item of a list, or at the
// end of its first line, ignores the warnings of that rule there. A comment that
// ignores nothing is a warning.
//
// The command difygen-vet finds mistakes in the Go code of a plugin that the compiler cannot
// see, such as a revealed secret that gets into a log, or a check of credentials that cannot
// fail: "go vet -vettool=$(go tool -n difygen-vet) ./..." runs it. docs/vet.md describes it.
//
// The exit code is 0 if nothing is wrong, 1 if the YAML or the plugin is wrong or
// -check finds a difference, and 2 for wrong usage or a file that cannot be read or
// written.
package difygen

import (
	"errors"
	"io/fs"

	"github.com/difygen/difygen/internal/pipeline"
	"github.com/difygen/difygen/model"
)

// Diagnostics is everything wrong that Generate found in a plugin's YAML.
type Diagnostics = model.Diagnostics

// File is a Go file of a package.
type File struct {
	Name string // of Generate, without a folder; of GeneratePlugin, with slashes
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

// Generate returns the Go files for the credentials of all providers of a plugin, in one
// package: those that difygen owns, and the stubs of the types that opts.GoFiles lack. fsys
// is the plugin's folder, with manifest.yaml in it. Generate writes nothing, and the same
// input gives the same files.
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

// PluginOptions say where GeneratePlugin's plugin is.
type PluginOptions struct {
	// ImportPath is the import path of the package in the plugin's folder, such as
	// example.com/github.
	ImportPath string
}

// GeneratePlugin returns the Go files of a whole plugin, as the command writes them in the
// plugin's folder: the code of each provider beside its YAML file, that of the plugin, and the
// stubs that are lacking. fsys is the plugin's folder, with manifest.yaml in it, and with the
// Go files that are there. A file's name is its path from that folder. GeneratePlugin writes
// nothing, and the same input gives the same files.
//
// Diagnostics are sorted. If one of them is an error (Diagnostics.HasErrors), there are no
// files. GeneratePlugin returns an error if a file cannot be read, if a folder's Go files do
// not belong to one package, or if a generated file would replace one of another origin.
func GeneratePlugin(fsys fs.FS, opts PluginOptions) ([]File, Diagnostics, error) {
	if opts.ImportPath == "" {
		return nil, nil, errors.New("difygen.PluginOptions needs ImportPath")
	}
	planned, diags, err := pipeline.GeneratePlugin(fsys, opts.ImportPath)
	if err != nil {
		return nil, diags, err
	}
	var files []File
	for _, f := range planned {
		files = append(files, File(f))
	}
	return files, diags, nil
}

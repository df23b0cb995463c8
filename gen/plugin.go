package gen

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/difygen/difygen/internal/text"
)

const (
	// PluginFile is the name of the generated file of a whole plugin.
	PluginFile = "plugin_dify.go"
	// MainFile is the name of the stub of a plugin's main package.
	MainFile = "main.go"
	// TestFile is the name of the stub of a test of the plugin.
	TestFile = "main_test.go"
	// PluginSource is the source in the header of PluginFile.
	PluginSource = "manifest.yaml"
)

// Plugin is the generated code of a plugin as a whole: the function that makes it.
type Plugin struct {
	Package   string // in the plugin's folder
	PluginID  string // AUTHOR/NAME
	Author    string
	Name      string
	Version   string
	Manifest  any // what the host is told, for encoding/json
	Providers []Declaration
	Assets    []string          // paths from the plugin's folder, which Go can embed
	Sources   map[string]string // hashes of YAML files, by their paths from the plugin's folder
	Bound     []PluginProvider  // in the order in which requests look for them
}

// Declaration is what the host is told about a provider.
type Declaration struct {
	Type string // on the wire
	Data any    // for encoding/json
}

// PluginProvider is a provider that has code.
type PluginProvider struct {
	Bound
	ImportPath string // of its package; "" if it is the plugin's
	Package    string
}

// boundProvider is a PluginProvider with the names that it has in the plugin's package.
type boundProvider struct {
	PluginProvider
	alias     string // of its package
	parameter string
}

// provider is what is to be served: the author's type.
func (b boundProvider) typ() code { return ptr(b.qualified(b.Type)) }

func (b boundProvider) qualified(name string) code {
	if b.ImportPath == "" {
		return id(name)
	}
	return std(b.ImportPath, name)
}

// names chooses the names of packages and parameters.
func (p *Plugin) names() []boundProvider {
	list := make([]boundProvider, len(p.Bound))
	sc := newScope()
	for _, taken := range []string{"embed", "serve", "opts", "assets", p.constructor(), "main", "init", "testing", "difytest", "t"} {
		sc.claim(nil, taken, owner{what: "difygen"})
	}
	aliases := make(map[string]string)
	for i, b := range p.Bound {
		list[i].PluginProvider = b
		if b.ImportPath == "" {
			continue
		}
		if aliases[b.ImportPath] == "" {
			aliases[b.ImportPath], _ = sc.claim(nil, b.Package, owner{what: "a package"})
		}
		list[i].alias = aliases[b.ImportPath]
	}
	for i, b := range p.Bound {
		list[i].parameter, _ = sc.claim(nil, p.parameter(b), owner{what: "a parameter"})
	}
	return list
}

// parameter is the wanted name of the parameter for a provider: provider, or the name of the
// provider if there are several, with its kind if another one has the same name.
func (p *Plugin) parameter(b PluginProvider) string {
	if len(p.Bound) == 1 {
		return "provider"
	}
	name := exported(providerName(b.Provider, b.ID), "Provider")
	others := slices.DeleteFunc(slices.Clone(p.Bound), func(other PluginProvider) bool {
		return exported(providerName(other.Provider, other.ID), "Provider") != name
	})
	if len(others) > 1 {
		return uncapitalized(name) + kinds[b.Provider.Kind].word
	}
	return uncapitalized(name) + "Provider"
}

// uncapitalized returns a Go name as one that is not exported: its first word, or the
// initialism that it starts with, in lower case.
func uncapitalized(name string) string {
	upper := 0
	for _, c := range name {
		if !unicode.IsUpper(c) {
			break
		}
		upper += utf8.RuneLen(c)
	}
	_, first := utf8.DecodeRuneInString(name)
	if upper > first && upper < len(name) {
		_, last := utf8.DecodeLastRuneInString(name[:upper])
		upper -= last // it starts the next word
	}
	return strings.ToLower(name[:max(upper, first)]) + name[max(upper, first):]
}

// title is how comments call the plugin.
func (p *Plugin) title() string { return text.Line(p.Author + "/" + p.Name) }

// constructor is the name of the function that makes the plugin. Other packages than main
// export it.
func (p *Plugin) constructor() string {
	if p.Package == "main" {
		return "newPlugin"
	}
	return "NewPlugin"
}

// Generated is the content of PluginFile.
func (p *Plugin) Generated() ([]byte, error) {
	f := newFile(p.Package)
	f.header(Header{Source: PluginSource, PluginID: p.PluginID, Whole: true}.String())
	bound := p.names()
	f.importProviders(bound)
	if len(p.Assets) > 0 {
		f.addWith(embedDirective(p.Assets), declare("assets", std("embed", "FS")))
	}
	declaration, err := p.declaration()
	if err != nil {
		return nil, err
	}
	opts := param{"opts", variadic(srv("Option"))}
	args := []code{declaration, id("opts")}
	var params []param
	for _, b := range bound {
		params = append(params, param{b.parameter, b.typ()})
		args = append(args, call(b.qualified(b.New), id(b.parameter)))
	}
	about := "%s returns the plugin %s, as its YAML declares it, for serve.Main."
	f.add(doc(about, p.constructor(), p.title()),
		function(p.constructor(), signature{append(params, opts), []code{ptr(srv("Plugin"))}},
			ret(callLines(srv("NewPlugin"), args...))))
	return f.render()
}

// declaration is what the host is told about the plugin.
func (p *Plugin) declaration() (code, error) {
	manifest, err := prettyJSON(p.Manifest)
	if err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	fields := []code{
		keyed(id("Author"), lit(p.Author)), keyed(id("Name"), lit(p.Name)), keyed(id("Version"), lit(p.Version)),
		keyed(id("Manifest"), rawText(manifest)),
	}
	var list []code
	for _, d := range p.Providers {
		data, err := prettyJSON(d.Data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.Type, err)
		}
		list = append(list, element(keyed(id("Type"), lit(d.Type)), keyed(id("Data"), rawText(data))))
	}
	if len(list) > 0 {
		fields = append(fields, keyed(id("Providers"), composite(slice(srv("ProviderDeclaration")), list...)))
	}
	if len(p.Assets) > 0 {
		fields = append(fields, keyed(id("Assets"), id("assets")))
	}
	var sources []code
	for _, path := range slices.Sorted(maps.Keys(p.Sources)) {
		sources = append(sources, keyed(lit(path), lit(p.Sources[path])))
	}
	return composite(srv("Declaration"), append(fields, keyed(id("Sources"), composite(textMap(), sources...)))...), nil
}

// embedDirective is the comment that embeds files.
func embedDirective(paths []string) string {
	var quoted []string
	for _, path := range paths {
		quoted = append(quoted, strconv.Quote(path))
	}
	return "//go:embed " + strings.Join(quoted, " ")
}

// Main is the stub of a plugin's main package.
func (p *Plugin) Main() ([]byte, error) {
	f := newFile(p.Package)
	f.packageComment(doc("Command %s is the Dify plugin %s. This file is yours: difygen wrote it once and will not touch it again.",
		fileBase(p.Name, "plugin"), p.title())...)
	bound := p.names()
	f.importProviders(bound)
	f.directive("//go:generate go tool difygen")
	f.add(nil, function("main", signature{}, call(srv("Main"), p.construct(bound))))
	return f.render()
}

// Test is the stub of a test in the plugin's package, which starts the plugin.
func (p *Plugin) Test() ([]byte, error) {
	f := newFile(p.Package)
	bound := p.names()
	f.importProviders(bound)
	params := []param{{"t", ptr(std("testing", "T"))}}
	f.add(doc("TestStart starts the plugin as Dify does. It fails if the YAML has changed since the code was generated."),
		function("TestStart", signature{params, nil}, call(std(difytestPath, "Start"), id("t"), p.construct(bound))))
	return f.render()
}

// construct makes the plugin with its author's types.
func (p *Plugin) construct(bound []boundProvider) code {
	args := make([]code, len(bound))
	for i, b := range bound {
		args[i] = address(composite(b.qualified(b.Type)))
		if b.Make != "" {
			args[i] = call(b.qualified(b.Make), null())
		}
	}
	return call(id(p.constructor()), args...)
}

// importProviders gives the packages of providers their names in the file.
func (f *file) importProviders(bound []boundProvider) {
	for _, b := range bound {
		if b.ImportPath != "" {
			f.importAs(b.ImportPath, b.alias)
		}
	}
}

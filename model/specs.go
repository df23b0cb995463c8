package model

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/internal/yamldoc"
)

// ManifestSpec returns the spec of a plugin's manifest.
func ManifestSpec() *Spec {
	return newSpecMaker().root(reflect.TypeFor[hostManifest](), "A plugin's manifest. It says what the plugin is, and lists the files of its providers.")
}

// Spec returns the spec of the file of a provider of kind k; nil for an unknown kind.
func (k Kind) Spec() *Spec {
	info, ok := k.info()
	if !ok {
		return nil
	}
	return newSpecMaker().root(info.host, info.doc)
}

// ItemSpec returns the spec of the file of an item of a provider of kind k; nil for an
// unknown kind.
func (k Kind) ItemSpec() *Spec {
	info, ok := k.info()
	if !ok {
		return nil
	}
	return newSpecMaker().root(info.hostItem, info.itemDoc)
}

// Marks returns the top-level keys that the files of providers of kind k have and those of
// no other kind. A file without a key of any kind is that of a tool provider.
func (k Kind) Marks() []string {
	info, _ := k.info()
	return info.marks
}

// specMaker makes specs. Each struct in each role has one.
type specMaker struct {
	made map[role]*Spec
}

// role is what a struct, or a section of fields, is used for.
type role struct {
	typ      reflect.Type
	rules    *sectionRules // of the section that it is in; nil outside of fields
	required bool
	named    bool // of a field that has its name in it
}

func newSpecMaker() *specMaker { return &specMaker{made: make(map[role]*Spec)} }

// root returns the spec of a file. It can have keys of its own.
func (s *specMaker) root(t reflect.Type, doc string) *Spec {
	spec := *s.structure(role{typ: t, required: true})
	spec.Doc, spec.Rest, spec.Name = doc, &Spec{}, ""
	spec.Title = "" // the file has one
	return &spec
}

// structure returns the spec of a map that is decoded into a struct.
func (s *specMaker) structure(r role) *Spec {
	if spec, ok := s.made[r]; ok {
		return spec
	}
	spec := &Spec{Name: structName(r), Title: title(r.typ.Name()), Kind: ValueMap, Required: r.required}
	s.made[r] = spec
	for _, f := range yamldoc.Fields(r.typ) {
		spec.Keys = append(spec.Keys, SpecKey{Key: f.Key, Spec: s.value(r, f)})
	}
	s.special(r, spec)
	return spec
}

// structName names a spec after the struct.
func structName(r role) string {
	name := strings.TrimPrefix(r.typ.Name(), "host")
	if !r.required {
		name = "Optional" + name
	}
	if r.rules != nil && r.rules.unchecked {
		name += "Unchecked"
	}
	return name
}

// title returns the words in the name of a struct, such as "tool description".
func title(name string) string {
	return strings.ToLower(strings.Join(text.Words(strings.TrimPrefix(name, "host")), " "))
}

// value returns the spec of the value of a field of a struct.
func (s *specMaker) value(r role, f yamldoc.Field) *Spec {
	info := keyInfoOf(r.typ, f)
	unchecked := r.rules != nil && r.rules.unchecked
	required := info.required && !unchecked
	t := yamldoc.Target(f.Type)
	var spec Spec
	switch {
	case info.section != "":
		spec = s.section(info.section.info().rules, t.Kind() == reflect.Struct && !info.listOnly)
	case info.items:
		spec = s.itemList(r.typ)
	case info.as != nil:
		spec = *s.structure(role{typ: info.as, required: required})
	case t == reflect.TypeFor[hostText]():
		spec = *s.text(r.rules, required, info.english)
	case t.Kind() == reflect.Slice && yamldoc.Target(t.Elem()).Kind() == reflect.String:
		spec = Spec{Kind: ValueList, Items: &Spec{Kind: ValueText, Words: info.words, MaxLength: max(info.less-1, 0)}}
	case t.Kind() == reflect.Slice:
		spec = s.list(r, t.Elem())
	case t.Kind() == reflect.Map:
		spec = Spec{Kind: ValueMap, Rest: &Spec{}}
		switch {
		case info.keys != nil:
			spec.Rest, spec.Keys = nil, propertyKeys(info.keys)
		case f.Key == "output_schema":
			spec = *s.outputs(r.typ)
		}
	case t.Kind() == reflect.Struct && valueKindOf(t) == ValueMap:
		spec = *s.structure(role{typ: t, required: required})
	default:
		spec = Spec{Kind: valueKindOf(t), Words: info.words}
		if info.less > 0 {
			spec.MaxLength = info.less - 1
		}
	}
	info.limit(&spec)
	spec.Doc, spec.Required = info.doc, required
	return &spec
}

// propertyKeys are the properties of models.
func propertyKeys(words []Word) []SpecKey {
	var keys []SpecKey
	for _, w := range words {
		spec := &Spec{Doc: w.Doc}
		switch {
		case slices.Contains(wholeProperties, w.Value):
			spec.Kind = ValueWhole
		case w.Value == "mode":
			spec.Kind, spec.Words = ValueText, modeWords
		}
		keys = append(keys, SpecKey{Key: w.Value, Spec: spec})
	}
	return keys
}

// valueKindOf returns the kind of the values that are decoded into a type.
func valueKindOf(t reflect.Type) ValueKind {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return ValueTime
	case t == reflect.TypeFor[decimal]():
		return ValueDecimal
	case t == reflect.TypeFor[yamldoc.Node]():
		return ValueAny
	}
	switch t.Kind() {
	case reflect.Bool:
		return ValueBool
	case reflect.Int, reflect.Int64, reflect.Uint64, reflect.Float64:
		return ValueNumber
	case reflect.String:
		return ValueText
	case reflect.Slice:
		return ValueList
	case reflect.Struct, reflect.Map:
		return ValueMap
	}
	return ValueAny
}

// list returns the spec of a list of structs. The host drops what is null in it.
func (s *specMaker) list(r role, element reflect.Type) Spec {
	t := yamldoc.Target(element)
	if t.Kind() == reflect.Struct {
		return Spec{Kind: ValueList, Items: s.structure(role{typ: t, rules: r.rules}), Snippets: elementSnippets[t]}
	}
	return Spec{Kind: ValueList, Items: &Spec{Kind: valueKindOf(t)}}
}

// text returns the spec of a text in several languages. Those of fields are checked for
// keys that are not languages.
func (s *specMaker) text(rules *sectionRules, required bool, need english) *Spec {
	spec := &Spec{Name: "Text", Title: "text by language", Kind: ValueMap, Required: required, Rest: &Spec{}, NotKeys: wrongLanguages()}
	unchecked := rules != nil && rules.unchecked
	for _, f := range yamldoc.Fields(reflect.TypeFor[hostText]()) {
		value := &Spec{Doc: keyInfoOf(reflect.TypeFor[hostText](), f).doc, Kind: ValueText, MaxLength: maxText - 1}
		if unchecked {
			value.MaxLength = 0
		}
		value.Required = f.Key == "en_US" && need == englishAlways && !unchecked
		spec.Keys = append(spec.Keys, SpecKey{Key: f.Key, Spec: value})
		if need == englishIfAny && f.Key != "en_US" {
			spec.Needs = append(spec.Needs, SpecNeed{f.Key, "en_US"})
		}
	}
	if rules != nil {
		spec.Name, spec.RestKeys = "FieldText", languagePattern
	}
	spec.Name = [...]string{englishAlways: "", englishIfAny: "Soft", englishNever: "Free"}[need] + spec.Name
	if unchecked {
		spec.Name = "Unchecked" + spec.Name
	}
	if !required {
		spec.Name = "Optional" + spec.Name
	}
	return spec
}

// section returns the spec of a section: a list of fields or, if it can, a map of them.
func (s *specMaker) section(rules *sectionRules, canBeMap bool) Spec {
	if !canBeMap {
		return Spec{Kind: ValueList, Items: s.field(rules, true, false), MaxItems: rules.maxFields, Snippets: rules.snippets()}
	}
	// The host drops what is null in the map or list, which is reported.
	return Spec{
		Kind: ValueMapOrList, Items: s.field(rules, true, true), Rest: s.field(rules, false, true),
		KeyLength: max(rules.maxName-1, 0), MaxItems: rules.maxFields, Snippets: []Snippet{fieldSnippet},
	}
}

// itemList returns the spec of the list of a provider's items: files, or the items.
func (s *specMaker) itemList(provider reflect.Type) Spec {
	i := slices.IndexFunc(kinds, func(info kindInfo) bool { return info.host == provider })
	info := kinds[i]
	item := *s.structure(role{typ: info.hostItem, required: true})
	item.Doc, item.Rest, item.Title = info.itemDoc, &Spec{}, info.item
	if info.listMap != nil {
		return s.modelLists(&item)
	}
	item.Kind = ValueAny // or the name of its file
	return Spec{Kind: ValueList, Items: &item}
}

// modelLists returns the spec of the files of models by their type, or of a list of models.
func (s *specMaker) modelLists(item *Spec) Spec {
	files := &Spec{Kind: ValueMap, Name: "ModelFiles", Title: "files of models", Keys: []SpecKey{
		{Key: "predefined", Spec: &Spec{Kind: ValueList, Required: true, Items: &Spec{Kind: ValueText, Required: true},
			Doc: "The files of the models, as patterns from the plugin's folder: models/llm/*.yaml."}},
		{Key: "position", Spec: &Spec{Kind: ValueText,
			Doc: "The file that lists the names of the models in the order in which Dify shows them."}},
	}}
	spec := Spec{Kind: ValueMapOrList, Items: item}
	for _, f := range yamldoc.Fields(reflect.TypeFor[hostPosition]()) {
		of := *files
		of.Doc = "The models of type " + modelTypeOf(f.Key) + "."
		spec.Keys = append(spec.Keys, SpecKey{Key: f.Key, Spec: &of})
	}
	return spec
}

// modelTypeOf returns the type of models that a key is about.
func modelTypeOf(key string) string { return strings.ReplaceAll(key, "_", "-") }

// outputs returns the spec of the output_schema of an item.
func (s *specMaker) outputs(item reflect.Type) *Spec {
	r := role{typ: reflect.TypeFor[Output](), required: true}
	one, ok := s.made[r]
	if !ok {
		one = &Spec{Name: "Output", Title: "output", Kind: ValueMap, Required: true, Rest: &Spec{}}
		s.made[r] = one
		types := &Spec{Kind: ValueAny, Doc: "The type of the output, or a list of types."}
		for _, t := range outputTypes {
			types.Words = append(types.Words, Word{Value: string(t)})
		}
		properties := &Spec{Kind: ValueMap, Required: true, Rest: one, Doc: "The outputs, by name. Of an object, its properties."}
		one.Keys = []SpecKey{
			{Key: "type", Spec: types},
			{Key: "description", Spec: &Spec{Doc: "What the output holds. It becomes a comment in Go."}},
			{Key: "properties", Spec: properties, MayLack: true},
			{Key: "items", Spec: &Spec{Kind: ValueAny, Keys: one.Keys, Doc: "The type of the elements of an array, as of an output."}},
			{Key: "required", Spec: &Spec{Doc: "The names of the properties that an object always has."}},
		}
	}
	schema := &Spec{Name: "OutputSchema", Title: "outputs", Kind: ValueMap, Rest: &Spec{}, Keys: slices.Clone(one.Keys)}
	outputs := *one.key("properties")
	if slices.ContainsFunc(kinds, func(info kindInfo) bool { return info.hostItem == item && info.variables }) {
		for _, name := range builtinOutputs {
			outputs.Keys = append(outputs.Keys, SpecKey{Key: name, Refused: true})
		}
	}
	i := slices.IndexFunc(schema.Keys, func(k SpecKey) bool { return k.Key == "properties" })
	schema.Keys[i] = SpecKey{Key: "properties", Spec: &outputs}
	// Nothing reads the type of the whole.
	schema.Keys[slices.IndexFunc(schema.Keys, func(k SpecKey) bool { return k.Key == "type" })].Spec = &Spec{Doc: "Always object."}
	return schema
}

// languagePattern matches what looks like the code of a language; see isLanguage.
const languagePattern = `^[A-Za-z]{2}([-_][A-Za-z]{2,4})?$`

// wrongLanguages returns spellings of the host's languages that it does not know.
func wrongLanguages() []string {
	var list []string
	languages := []string{"en", "zh", "ja", "pt", "us", "cn", "jp", "br"}
	regions := []string{"US", "Hans", "CN", "SG", "JP", "BR"}
	add := func(code string) {
		if !slices.Contains(languageKeys(), code) && meantLanguage(code) != "" {
			list = append(list, code)
		}
	}
	for _, language := range languages {
		add(language)
		for _, region := range regions {
			for _, separator := range []string{"_", "-"} {
				for _, r := range []string{region, strings.ToLower(region), region[:1] + strings.ToLower(region[1:])} {
					add(language + separator + r)
				}
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// english says when a text in several languages needs one in English.
type english int

const (
	englishAlways english = iota
	englishIfAny          // if there is one in another language
	englishNever
)

// keyInfo is what this package knows about a key of a struct that mirrors the host's.
type keyInfo struct {
	doc      string // what the value does, and what it is if it is not given
	required bool   // the host requires a value
	less     int    // characters that a text must have fewer than; 0 for any number
	words    []Word // that a text, or each in a list, must be one of
	keys     []Word // of a map of properties; nil for any
	match    *textPattern
	min, max *float64     // of a number
	maxItems int          // of a list; 0 for any number
	section  SectionName  // the section that the value is
	listOnly bool         // the section cannot be a map
	items    bool         // the value is the list of a provider's items
	as       reflect.Type // what the value is decoded into, if that happens separately
	english  english      // when a text in several languages needs one in English
}

// limit adds the limits of the key to a spec.
func (k keyInfo) limit(spec *Spec) {
	spec.Min, spec.Max = cmp.Or(k.min, spec.Min), cmp.Or(k.max, spec.Max)
	spec.MaxItems = cmp.Or(k.maxItems, spec.MaxItems)
	if k.match != nil {
		spec.Pattern, spec.Want = k.match.expr, k.match.want
	}
}

// keyInfoOf returns what is known about the key of a field of a struct. What the struct says
// counts more than what one that it inlines says.
func keyInfoOf(t reflect.Type, f yamldoc.Field) keyInfo {
	if info, ok := keyInfos()[t][f.Key]; ok {
		return info
	}
	return keyInfos()[f.In][f.Key]
}

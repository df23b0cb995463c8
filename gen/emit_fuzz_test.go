package gen

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/difygen/difygen/model"
)

// FuzzGenerate puts any text into every field of a provider that holds text. The
// code must parse, be formatted as by gofmt, and declare the names that the scope
// assigned, the methods of its types, and nothing else.
func FuzzGenerate(f *testing.F) {
	addTexts(f)
	f.Fuzz(func(t *testing.T, pkg, prefix, typ, identity, name1, name2, label, help, value1, value2 string, types byte) {
		code := packageOf(pkg, prefix, typ, identity, name1, name2, label, help, value1, value2, types)
		if code == nil {
			return
		}
		plan := code.plans[0]
		files := code.Files()
		checkFile(t, files[0], wantDeclarations(code.scope, plan))
		for _, stub := range files[1:] {
			var want []string
			if stub.Type != "" {
				want = []string{stub.Type}
			}
			want = append(want, stub.Types...)
			for _, method := range stub.Methods {
				want = append(want, stub.Receiver+"."+method)
			}
			slices.Sort(want)
			checkFile(t, stub, want)
		}
	})
}

// FuzzCompile is FuzzGenerate with the compiler's type checks, which are slower.
func FuzzCompile(f *testing.F) {
	addTexts(f)
	f.Fuzz(func(t *testing.T, pkg, prefix, typ, identity, name1, name2, label, help, value1, value2 string, types byte) {
		if code := packageOf(pkg, prefix, typ, identity, name1, name2, label, help, value1, value2, types); code != nil {
			checkTypes(t, code.Files())
		}
	})
}

func addTexts(f *testing.F) {
	f.Helper()
	for _, s := range []string{
		"", "_", "NaN", "-Inf", "1e300", "type", "values", "*/ func init() {} /*", "`", "\n//go:build ignore\n+build x", "\"\\\x00\u2028\u202e",
		"a-b.c", "Ünï", "密钥", "🙂", "9", "x\n\n\ty", "[a]: http://x", "# h", "- l", "''``", "%s", "Deprecated: x", "\xff", "line x.go:1", "export x", "nolint", "#nosec x", "revive:disable", "Code generated x; DO NOT EDIT.", strings.Repeat("w ", 300),
	} {
		f.Add("github", "", "", "github", s, "b", s, s, s, s, byte(0))
		f.Add("p", s, "T", s, s, s, s, s, s, "x", byte(0xff))
		for kind := range byte(4) {
			f.Add("p", "X", "T", s, s, s, s, s, s, "x", 1+kind<<4)
			f.Add("p", "X", "T", s, s, s, s, s, s, "x", 0x81+kind<<4)
			f.Add("p", "X", "T", s, s, s, s, s, s, "x", 0x89+kind<<1) // data sources of each type
			f.Add("p", "X", "T", s, s, s, s, s, s, "x", 0xb8+kind<<1) // agent strategies
		}
	}
	for types := range 256 {
		f.Add("p", "X", "", "i", "a", "b", "l", "h", "true", "2", byte(types))
	}
}

// packageOf plans the code for a provider with these texts; nil if they give no Go
// package or no names.
func packageOf(pkg, prefix, typ, identity, name1, name2, label, help, value1, value2 string, types byte) *Package {
	txt := model.Text{English: label, Chinese: help}
	var chosen model.GoName
	if types&0x40 != 0 {
		chosen.Name = exported(label, "Chosen")
	}
	field := func(name string, typ model.FieldType, def any) model.Field {
		return model.Field{
			Name: name, Type: typ, Required: types&1 == 0, Default: def, Label: txt, Help: &txt, URL: help, GoName: chosen,
			Options: []model.Option{{Value: value1, Label: txt}, {Value: value2, Label: txt, GoName: chosen}},
		}
	}
	known := slices.Sorted(maps.Keys(fieldTypes))
	p := &model.Provider{Kind: model.KindTool, Name: identity, Label: txt, Sections: []model.Section{
		{Name: model.SectionCredentials, Path: help, Fields: []model.Field{
			field(name1, model.TypeSelect, value1), field(name2, known[int(types>>1)%len(known)], value2),
		}},
		{Name: model.SectionOAuthClient, Path: "c", Fields: []model.Field{field(name2, model.TypeSelect, nil)}},
		{Name: model.SectionOAuthCredentials, Path: "d", Fields: []model.Field{field(name1, model.TypeTextInput, value2)}},
	}}
	switch types >> 4 & 3 {
	case 0:
		if types&8 != 0 {
			p.Kind, p.DatasourceType = model.KindDatasource, append(datasourceKinds, datasourceKind{typ: value1})[types>>1&3].typ
		}
	case 1:
		p.Kind = model.KindModel
		hidden := field(name2, known[int(types)%len(known)], value2)
		hidden.ShowOn = []model.Condition{{Variable: name1, Value: value1}, {Variable: model.ModelTypeVariable, Value: value2}}
		hidden.Options[0].ShowOn = []model.Condition{{Variable: value1, Value: name2}}
		again := field(name2, known[int(types)%len(known)], value1)
		again.MaxLength = 3
		fields := []model.Field{field(name1, model.TypeSwitch, nil), hidden, again, field(label, model.TypeRadio, value1)}
		others := append(slices.Clone(fields), field(help, model.TypeTextInput, value2))
		others[0].Type, others[1].ShowOn = known[int(types>>1)%len(known)], []model.Condition{{Variable: label, Value: value1}}
		p.Sections = []model.Section{
			{Name: model.SectionProviderCredentials, Path: help, Fields: fields},
			{Name: model.SectionModelCredentials, Path: help, Fields: others},
		}
		p.Sections = p.Sections[:1+types&1]
		p.ModelTypes, p.HasCustomModels = []string{"llm", "rerank", "text-embedding", "tts", "speech2text", "moderation"}[types>>2&3:], types&2 == 0
	case 2:
		p.Kind = model.KindTrigger
		limit, places := 1.5, 2
		if n, err := strconv.ParseFloat(value2, 64); err == nil {
			limit = n
		}
		number := field(name1, model.TypeNumber, value1)
		number.Min, number.Max, number.Precision = &limit, &limit, &places
		several := field(name2, model.TypeCheckbox, []any{value1, value2})
		p.Sections = triggerSections(types, p.Sections,
			model.Section{Name: model.SectionSubscription, Path: help, Fields: []model.Field{field(name1, model.FieldType(value1), nil), field(name2, model.TypeSecretInput, nil)}},
			model.Section{Name: model.SectionParameters, Path: help, Fields: []model.Field{number, several, field(label, model.TypeFiles, nil)}})
	case 3:
		if types&8 != 0 {
			p.Kind, p.Sections = model.KindAgentStrategy, nil
			break
		}
		p.Kind = model.KindEndpoint
		p.Sections = []model.Section{{Name: model.SectionSettings, Path: help, Fields: p.Sections[0].Fields}}
	}
	opts := Options{Package: pkg, Prefix: &prefix, Type: typ, Whole: types&0x80 != 0}
	source := Source{Provider: p, ID: help}
	if opts.Whole {
		opts.Permitted = permitted(types)
		source.Items = items(name1, name2, label, help, known[int(types)%len(known)], field)
		switch p.Kind {
		case model.KindModel:
			source.Items = modelItems(name1, name2, label, help, value1, value2)
		case model.KindEndpoint:
			source.Items = endpointItems(name1, name2, label, help, value1)
		case model.KindDatasource, model.KindTrigger:
			for _, item := range source.Items {
				item.Kind, item.Parameters.Name = p.Kind, parametersOf[p.Kind]
			}
		case model.KindAgentStrategy:
			for _, item := range source.Items {
				item.Kind, item.Parameters.Name = p.Kind, model.SectionStrategyParameters
			}
		}
	}
	code, _, err := NewPackage([]Source{source}, opts)
	if err != nil || len(code.plans) == 0 {
		return nil
	}
	return code
}

// parametersOf are the sections with the parameters of items of kinds other than tools.
var parametersOf = map[model.Kind]model.SectionName{
	model.KindDatasource: model.SectionDatasourceParameters, model.KindTrigger: model.SectionEventParameters,
}

// triggerSections are the sections of a trigger, with or without fields of a subscription, ways to authorize
// and a constructor.
func triggerSections(types byte, credentials []model.Section, subscription, parameters model.Section) []model.Section {
	if types&1 != 0 {
		subscription.Fields = subscription.Fields[types>>1&1:]
	}
	switch types >> 1 & 7 {
	case 0:
		return []model.Section{subscription} // users set up subscriptions by hand
	case 1:
		return []model.Section{subscription, parameters}
	case 2:
		return append(credentials[:1:1], subscription, parameters)
	case 3:
		return append(credentials[1:], subscription, parameters)
	case 4:
		subscription.Fields, parameters.Fields = nil, nil
	}
	return append(credentials, subscription, parameters)
}

// permitted are the permissions of every other service, or of all.
func permitted(types byte) []model.Permitted {
	var list []model.Permitted
	for i, s := range services {
		if i%2 == 0 || types&1 == 0 {
			list = append(list, model.Permitted{Permission: s.permission, Pos: model.Position{Line: i}})
		}
	}
	return list
}

// items are tools with these texts.
func items(name1, name2, label, help string, typ model.FieldType, field func(string, model.FieldType, any) model.Field) []*model.Item {
	whole, places := 0, 1
	number, several := field(label, model.TypeNumber, nil), field(help, typ, []any{name1, name2})
	number.Precision, several.Multiple, several.Form, several.LLMDescription = &whole, true, model.ParameterFormLLM, help
	exact := field(name2+"x", model.TypeNumber, "1.5")
	exact.Precision = &places
	outputs := []model.Output{
		{Name: name1, Type: "object", Description: help, Properties: []model.Output{
			{Name: name2, Type: "string", Description: help}, {Name: label, Type: "object", Properties: []model.Output{{Name: name2, Type: "integer"}}},
		}},
		{Name: name2, Type: "array", Items: &model.Output{Type: "object", Properties: []model.Output{{Name: name1, Type: "number"}}}}, {Name: label, Type: help},
		{Name: "n" + name1, Type: "object", Nullable: true, Properties: []model.Output{{Name: name2, Type: "boolean", Nullable: true}, {Name: help, Type: "string"}}},
		{Name: "n" + name2, Type: "array", Nullable: true, Items: &model.Output{Type: "integer", Nullable: true}},
	}
	item := func(name string, outputs []model.Output, fields ...model.Field) *model.Item {
		return &model.Item{
			Kind: model.KindTool, Name: name, File: help, Label: model.Text{English: label}, Description: model.Text{English: help}, LLMDescription: label,
			HasRuntimeParameters: true, Outputs: outputs, Parameters: &model.Section{Name: model.SectionToolParameters, Path: "parameters", Fields: fields},
		}
	}
	return []*model.Item{
		item(name1, outputs, field(name1, typ, name2), several, number, exact, field(name2, model.TypeDynamicSelect, nil)),
		item(name2, nil), item(label, outputs, field(name1, model.TypeSelect, name2)),
	}
}

// endpointItems are endpoints with these texts in their methods, paths and files.
func endpointItems(texts ...string) []*model.Item {
	var items []*model.Item
	for i, s := range texts {
		verb := []string{"POST", "get", "OPTIONS"}[i%3]
		for _, path := range []string{"/" + s, "/<any('" + s + "', b):id>/<int(min=-1, fixed_digits=2):Id>/<" + s + ">", "/" + s + "/<float(max=1e300, signed=True):" + s + ">/<path:type>/"} {
			item := &model.Item{Kind: model.KindEndpoint, File: s, EndpointMethod: verb, EndpointPath: path}
			if len(items)%2 == 0 {
				item.Path = s
			}
			items = append(items, item)
		}
		items = append(items, &model.Item{Kind: model.KindEndpoint, File: s, EndpointMethod: s, EndpointPath: "/"})
	}
	return items
}

// modelItems are models with these texts, of those that the host can load.
func modelItems(texts ...string) []*model.Item {
	rule := func(i int, more map[string]any) map[string]any {
		more["name"], more["label"], more["help"] = texts[i], map[string]string{"en_US": texts[i+1]}, map[string]string{"en_US": texts[i+2]}
		return more
	}
	list := []map[string]any{
		{
			"model": texts[0], "model_type": "llm", "label": map[string]string{"en_US": texts[2]}, "features": []string{"polling"},
			"parameter_rules": []any{
				rule(0, map[string]any{"type": "float"}), rule(1, map[string]any{"type": "string", "options": texts}),
				rule(2, map[string]any{"type": "text", "use_template": "temperature"}), rule(3, map[string]any{"type": "boolean", "default": texts[3]}),
			},
		},
		{"model": texts[1], "model_type": "llm", "parameter_rules": []any{rule(0, map[string]any{"type": "int"}), rule(1, map[string]any{"type": "int"}), rule(2, map[string]any{"type": "string", "options": texts[:1]})}},
		{"model": texts[0], "model_type": "text-embedding", "features": []string{"vision"}, "model_properties": map[string]any{texts[3]: texts}},
		{"model": texts[2], "model_type": "rerank"}, {"model": texts[4], "model_type": texts[5]},
	}
	var items []*model.Item
	for i, m := range list {
		data, err := json.Marshal(m)
		if err != nil {
			continue
		}
		item, _ := model.LoadItem(texts[3]+strconv.Itoa(i), data, model.KindModel)
		again := func(other *model.Item) bool { return item != nil && other.Name == item.Name && other.Type == item.Type }
		if item != nil && item.Name != "" && !slices.ContainsFunc(items, again) {
			items = append(items, item)
		}
	}
	return items
}

package gen

import (
	"slices"
	"strconv"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// modelParameters plans the struct with the parameters that the YAML declares for language models.
// Those of one name are one field.
func (pl *planner) modelParameters(items []*model.Item) *section {
	typ := pl.claim(pl.prefix + "LLMParameters")
	s := &section{
		sectionKind: sectionKind{hasExtra: true}, structNames: structNames{typ: typ, decode: pl.claim("decode" + typ)}, own: typ,
		yaml: &model.Section{Name: model.SectionModelParameters},
	}
	files := make(map[string]string) // by the names that positions have
	index := make(map[string]int)
	var fields []model.Field
	for _, item := range items {
		if item.Type != modelTypeLLM || item.Parameters == nil {
			continue
		}
		files[item.File] = pl.fileOf(item)
		for _, f := range item.Parameters.Effective() {
			i, known := index[f.Name]
			if !known {
				i = len(fields)
				index[f.Name] = i
				declared := f
				declared.Declarations = nil
				fields = append(fields, declared)
			}
			fields[i].Declarations = append(fields[i].Declarations, f.Declarations...)
		}
	}
	names := pl.fieldNames(s, fields)
	for i := range fields {
		f := &fields[i]
		s.fields = append(s.fields, pl.modelParameter(s, f, names[i], files[f.Pos.File]))
	}
	return s
}

// modelParameter plans the field for a parameter.
func (pl *planner) modelParameter(s *section, f *model.Field, name, file string) *field {
	planned := &field{name: name, key: f.Name, label: fieldLabel(f), path: "parameter_rules." + f.Name, file: file, about: f}
	shape := parameterShapes[f.Type]
	for _, d := range f.Declarations {
		other := parameterShapes[d.Type]
		if other == shape {
			continue
		}
		if shape == wholeParameter && other == numberParameter || shape == numberParameter && other == wholeParameter {
			shape = numberParameter
			continue
		}
		pl.report(d.Pos, model.SeverityWarning, model.RuleMixedTypes, "parameter %s has the type %s, but in %s the type %s; its field in LLMParameters has any type",
			text.Name(f.Name), text.Name(string(d.Type)), place(file, f.Pos.Line, ""), text.Name(string(f.Type)))
		shape = anyParameter
		break
	}
	if shape == textParameter && slices.ContainsFunc(f.Declarations, func(d model.Field) bool { return len(d.Options) > 0 }) {
		if planned.enum = pl.enum(s, planned); planned.enum != nil {
			shape = optionParameter
		}
	}
	planned.shape = shape
	return planned
}

// parameterShape is a runtime.Optional, which may be absent in every call.
type parameterShape struct {
	plain
	typ  string // of the value; "" for that of the options
	read string // the method that reads it, or the function that reads an option
}

var (
	numberParameter = parameterShape{typ: "float64", read: "Float"}
	wholeParameter  = parameterShape{typ: "int64", read: "Int"}
	textParameter   = parameterShape{typ: "string", read: "Text"}
	optionParameter = parameterShape{read: "ReadOption"}
	boolParameter   = parameterShape{typ: "bool", read: "Bool"}
	anyParameter    = parameterShape{typ: "any", read: "Any"}
)

// parameterShapes are the shapes of the types of parameters that Dify knows.
var parameterShapes = map[model.FieldType]parameterShape{
	model.TypeFloat:   numberParameter,
	model.TypeInt:     wholeParameter,
	model.TypeString:  textParameter,
	model.TypeText:    textParameter,
	model.TypeBoolean: boolParameter,
	"":                anyParameter, // a template without a type
}

// value is the type of the value.
func (s parameterShape) value(f *field) code {
	if f.enum != nil {
		return id(f.enum.typ)
	}
	return id(s.typ)
}

func (s parameterShape) goType(f *field) code { return generic(rt("Optional"), s.value(f)) }

func (s parameterShape) given(x code) code { return call(dot(x, "IsSet")) }

// decode reads the field with the reader r.
func (s parameterShape) decode(r reading) code {
	if r.field.enum != nil {
		return call(generic(std(modelPath("llm"), s.read), s.value(r.field)), id("r"), lit(r.field.key))
	}
	return call(dot(id("r"), s.read), lit(r.field.key))
}

// parameterComment is the comment of a parameter's field: label, help, and its places in the YAML.
func (f *field) parameterComment() []string {
	lines, help := wrap(sentence(f.label)), helpOf(f.about)
	switch {
	case len(help) == 0:
	case f.label == f.key: // there is none
		lines = help
	default:
		lines = append(append(lines, ""), help...)
	}
	lines = append(lines, "", "YAML: "+place(f.file, f.about.Pos.Line, f.path))
	switch others := len(f.about.Declarations) - 1; others {
	case 0:
	case 1:
		lines = append(lines, "Also in 1 other model.")
	default:
		lines = append(lines, "Also in "+strconv.Itoa(others)+" other models.")
	}
	return lines
}

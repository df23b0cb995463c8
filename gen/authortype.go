package gen

import "slices"

// authorType is a type of the author that the generated code uses. A stub declares it without fields.
type authorType struct {
	name  string
	about []string // its comment
}

func (t *authorType) code() code { return structType(t.name, nil) }

// Type is a type that the author declares.
type Type struct {
	Name string
	Code string // the type without fields, ready to paste
}

// authorTypes are the types of the author that the items use.
func (p *plan) authorTypes() ([]Type, error) {
	var list []Type
	for _, item := range p.items {
		for _, t := range item.authorTypes() {
			src, err := source(t.code())
			if err != nil {
				return nil, err
			}
			list = append(list, Type{t.name, src})
		}
	}
	return list, nil
}

// Without returns the stub without the types that the author declares elsewhere.
func (f File) Without(isDeclared func(typ string) bool) File {
	f.Types = slices.DeleteFunc(slices.Clone(f.Types), isDeclared)
	return f
}

package gen

// selectorShape is a struct of the runtime for something that a user chose in Dify; a
// pointer to it where the field is optional.
type selectorShape struct {
	plain
	typ, method string // of the runtime
}

var (
	appShape   = selectorShape{typ: "AppSelector", method: "App"}
	modelShape = selectorShape{typ: "ModelSelector", method: "Model"}
)

func (s selectorShape) goType(f *field) code {
	if f.isRequired() {
		return rt(s.typ)
	}
	return ptr(rt(s.typ))
}

func (s selectorShape) decode(r reading) code {
	if r.field.isRequired() {
		return r.field.method("d", s.method)
	}
	return r.field.method("d", "Optional"+s.method)
}

func (selectorShape) given(x code) code { return notNil(x) }
func (selectorShape) wire(x code) code  { return values(x) }

func (selectorShape) check(f *field, _, x code) code {
	if f.isRequired() {
		return f.method("v", "Present", notZero(x))
	}
	return f.method("v", "Complete", binary(binary(x, "==", null()), "||", notZero(x)))
}

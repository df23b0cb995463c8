package gen

// decodeParameter is the expression that reads a field of a form that only
// triggers have.
func (f *Field) decodeParameter(need code) code {
	key, label := lit(f.Key), lit(f.Label)
	method := func(name string, args ...code) code {
		return call(dot(id("d"), name), append([]code{key, label}, args...)...)
	}
	switch f.Form {
	case FormNumber:
		if f.Default != nil {
			return method("NumberOr", lit(f.Default))
		}
		return method("Number", need)
	case FormTexts:
		if texts, ok := f.Default.([]string); ok {
			args := []code{need}
			for _, s := range texts {
				args = append(args, lit(s))
			}
			return method("TextsOr", args...)
		}
		return method("Texts", need)
	case FormChoices:
		args := []code{address(id("d")), key, label, need, id(f.Enum.Values)}
		if options, ok := f.Default.([]EnumOption); ok {
			for _, o := range options {
				args = append(args, id(o.Const))
			}
		}
		return call(rt("DecodeChoices"), args...)
	case FormObject:
		return method("Object", need)
	case FormArray:
		return method("Array", need)
	case FormFile:
		return method("File", need)
	case FormFiles:
		return method("Files", need)
	}
	return method("Any", need)
}

// limits emits the checks of a number's bounds, for a decoder or a validator.
func (f *Field) limits(checker string, x, need code) []code {
	if f.Form != FormNumber {
		return nil
	}
	var out []code
	add := func(name string, args ...code) {
		out = append(out, call(dot(id(checker), name), append([]code{lit(f.Key), lit(f.Label)}, args...)...))
	}
	if f.Min != nil {
		add("AtLeast", need, lit(*f.Min), x)
	}
	if f.Max != nil {
		add("AtMost", need, lit(*f.Max), x)
	}
	if f.Decimals != nil {
		add("Decimals", lit(*f.Decimals), x)
	}
	return out
}

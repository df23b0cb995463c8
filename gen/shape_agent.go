package gen

// agentModelShape is a model that a user chose for an agent; a pointer to it where the field is
// optional.
type agentModelShape struct{ plain }

func (agentModelShape) goType(f *field) code {
	if f.isRequired() {
		return std(agentPath, "Model")
	}
	return ptr(std(agentPath, "Model"))
}

func (agentModelShape) decode(r reading) code {
	if r.field.isRequired() {
		return r.field.function(std(agentPath, "DecodeModel"), "d")
	}
	return r.field.function(std(agentPath, "DecodeOptionalModel"), "d")
}

func (agentModelShape) given(x code) code { return notNil(x) }

// agentToolsShape are tools that a user chose for an agent.
type agentToolsShape struct{ plain }

func (agentToolsShape) goType(*field) code { return slice(std(agentPath, "Tool")) }

func (agentToolsShape) decode(r reading) code {
	return r.field.function(std(agentPath, "DecodeTools"), "d", r.need)
}

func (agentToolsShape) given(x code) code { return notEmpty(x) }

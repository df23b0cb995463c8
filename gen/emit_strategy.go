package gen

// types emits the types of a strategy, in the order in which an author meets them.
func (s *strategy) types(p *plan, f *file) {
	f.add(doc("%s is a call of the agent strategy %s.", s.call, s.label), structType(s.call, []member{
		{nil, rt("Call")},
		{nil, structField("Parameters", id(s.params.typ))},
		{nil, structField("Dify", id(p.names.dify))},
	}))
	p.sectionTypes(f, s.params)
	s.output.emit(f)
}

// methods are the author's method for a strategy.
func (s *strategy) methods(p *plan) []contractMethod {
	about := doc("%s is the agent strategy %s (%s).", s.method, s.label, place(s.file, s.item.Pos.Line, ""))
	return []contractMethod{{
		about: append(about, separated(s.item.Description.Best())...), name: s.method, stub: s.stub(p),
		signature: signature{
			[]param{ctxParam(), {"call", ptr(id(s.call))}, {"out", ptr(id(s.output.typ))}}, []code{errorType()},
		},
	}}
}

// bindStrategies binds the methods of strategies.
func (p *plan) bindStrategies(methods code) []code {
	var list []code
	for _, s := range itemsOf[*strategy](p) {
		list = append(list, element(keyed(id("Name"), lit(s.item.Name)), keyed(id("Invoke"), p.bindStrategy(s, methods))))
	}
	return []code{keyed(id("Strategies"), composite(slice(rt("StrategyBinding")), list...))}
}

// bindStrategy binds the method that runs a strategy.
func (p *plan) bindStrategy(s *strategy, methods code) code {
	run := signature{
		[]param{ctxParam(), {"call", rt("Call")}, {"params", id(s.params.typ)}, {"out", ptr(std(agentPath, "Output"))}},
		[]code{errorType()},
	}
	invoke := call(dot(methods, s.method), id("ctx"),
		address(oneLine(id(s.call), id("call"), id("params"), call(id(p.names.difyFromContext), id("ctx")))),
		address(oneLine(id(s.output.typ), id("out"))))
	return call(std(agentPath, "BindStrategy"), id(s.params.decode), literal(run, ret(invoke)))
}

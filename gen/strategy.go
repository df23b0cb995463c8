package gen

// strategy is everything that the generated code declares for an agent strategy.
type strategy struct {
	callable

	output results
}

func (s *strategy) word() string { return "strategy" }

// planStrategies claims the names of the author's methods that do not belong to strategies, and plans
// the code of the strategies.
func (pl *planner) planStrategies(p *plan) {
	pl.claimMethods(p)
	var list []*strategy
	for _, c := range pl.callables(pl.methods, p.source.Items, "Strategy") {
		s := &strategy{callable: c}
		list, p.items = append(list, s), append(p.items, s)
	}
	for _, s := range list {
		own := pl.callTypes(&s.callable)
		s.output = pl.resultsOf(&s.described, own, "sends what the agent strategy %s returns.", std(agentPath, "Output"))
	}
	for _, s := range list {
		pl.outputs(&s.output, reservedOutputs, strategyOutputMethods)
		pl.fields(s.params, s.file)
	}
}

// strategyOutputMethods are the methods of agent.Output that the name of a setter could hide.
var strategyOutputMethods = []string{"StreamVariable"}

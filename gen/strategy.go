package gen

import "strconv"

// strategy is everything that the generated code declares for an agent strategy.
type strategy struct {
	described

	method string // of the author's type
	call   string // the type of its calls
	params *section
	output results
}

func (s *strategy) word() string         { return "strategy" }
func (s *strategy) parameters() *section { return s.params }

// planStrategies claims the names of the author's methods that do not belong to strategies, and plans
// the code of the strategies.
func (pl *planner) planStrategies(p *plan) {
	pl.claimMethods(p)
	var list []*strategy
	for i, item := range p.source.Items {
		s := &strategy{described: pl.describe(item)}
		s.method = pl.claimFor(pl.methods, item.Pos, exported(item.Name, "Strategy"+strconv.Itoa(i+1)), s.what())
		list, p.items = append(list, s), append(p.items, s)
	}
	for _, s := range list {
		own := pl.prefix + s.method
		s.call = pl.claimType(&s.described, own+"Call", "the type of calls")
		s.params = pl.itemParameters(&s.described, own)
		s.output = results{
			of: &s.described, own: own, typ: pl.claimType(&s.described, own+"Output", "the type of results"),
			about: "sends what the agent strategy %s returns.", sender: std(agentPath, "Output"),
		}
	}
	for _, s := range list {
		pl.outputs(&s.output, reservedOutputs, strategyOutputMethods)
		pl.fields(s.params, s.file)
	}
}

// strategyOutputMethods are the methods of agent.Output that the name of a setter could hide.
var strategyOutputMethods = []string{"StreamVariable"}

package runtime

import "context"

// KindAgentStrategy is the kind of a provider of agent strategies.
const KindAgentStrategy Kind = "agent-strategy"

// AgentStrategiesConfig configures the adapter of a provider of agent strategies.
type AgentStrategiesConfig struct {
	Name       string // by which Dify addresses the provider
	Strategies []StrategyBinding
	Fields     *Fields
}

// StrategyBinding is the code of an agent strategy.
type StrategyBinding struct {
	Name   string          // by which Dify addresses the strategy
	Invoke StrategyHandler // sends its results with the Stream of the request
}

// StrategyHandler runs a strategy with the parameters as they are on the wire. The package agent makes
// them.
type StrategyHandler func(ctx context.Context, req *Request, parameters map[string]any) error

// NewAgentStrategies returns the adapter of a provider of agent strategies.
func NewAgentStrategies(c AgentStrategiesConfig) Adapter {
	return &strategyProvider{adapter{KindAgentStrategy, c.Name, c.Fields}, c.Strategies}
}

type strategyProvider struct {
	adapter
	strategies []StrategyBinding
}

// Routes returns the strategies.
func (p *strategyProvider) Routes() []Route {
	routes := make([]Route, len(p.strategies))
	for i, s := range p.strategies {
		routes[i] = Route{
			Type: "agent_strategy", Action: "invoke_agent_strategy", ErrorType: ErrorInvoke, Fields: p.fields, Serve: s.serve,
			Keys: []RouteKey{{"agent_strategy_provider", p.name}, {"agent_strategy", s.Name}},
		}
	}
	return routes
}

func (s *StrategyBinding) serve(ctx context.Context, req *Request) (any, error) {
	r := req.Read()
	parameters := r.Object("agent_strategy_params")
	if err := r.Err(); err != nil {
		return nil, err
	}
	return nil, s.Invoke(ctx, req, parameters)
}

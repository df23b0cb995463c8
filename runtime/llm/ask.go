package llm

import "context"

// Ask calls the method LLM of a provider and returns all that the model writes, for checks of
// credentials and for tests. With an error, it returns what had come before.
//
//	_, err := llm.Ask(ctx, p, &LLMCall{
//		ModelCall:   runtime.ModelCall{Model: ModelSmall},
//		Credentials: creds.Credentials(),
//		Messages:    []llm.Message{llm.User("ping")},
//	})
func Ask[C, P any](ctx context.Context, provider Provider[C, P], call *Call[C, P]) (*Result, error) {
	var c Collector
	err := run(ctx, provider, call, c.Add)
	return c.Result(), err
}

// run calls the method LLM of a provider and passes the chunks to send.
func run[C, P any](ctx context.Context, provider Provider[C, P], call *Call[C, P], send func(*Chunk) error) error {
	out := NewOutput(call.ModelCall, call.Stream, send)
	stop := context.AfterFunc(ctx, func() { out.abandon(context.Cause(ctx)) })
	defer stop()
	return out.End(provider.LLM(ctx, call, out))
}

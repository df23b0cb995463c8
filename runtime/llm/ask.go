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
	var full error // a result that is cut off is not all, whatever the method makes of the error
	err := run(ctx, provider, call, true, func(chunk *Chunk) error {
		if full == nil {
			full = c.Add(chunk)
		}
		return full
	})
	return c.Result(), err
}

// run calls the method LLM of a provider and passes the chunks to send, as they come if they are to
// be streamed.
func run[C, P any](ctx context.Context, provider Provider[C, P], call *Call[C, P], stream bool, send func(*Chunk) error) error {
	out := NewOutput(call.ModelCall, stream, send)
	stop := context.AfterFunc(ctx, func() { out.abandon(context.Cause(ctx)) })
	defer stop()
	err := provider.LLM(ctx, call, out)
	if err == nil {
		err = context.Cause(ctx) // what ends with the request is not known to be whole
	}
	return out.End(err)
}

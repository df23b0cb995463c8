package llm

import (
	"context"
	"errors"
	"fmt"

	"github.com/difygen/difygen/runtime"
)

// Bind returns what Dify can ask of a provider of language models, with values as they are on the
// wire. The provider can also be a TokenCounter and a Poller.
func Bind[C, P any](
	provider Provider[C, P],
	decodeCredentials runtime.CredentialsDecoder[C],
	decodeParameters func(*ParameterReader) P,
) []runtime.ModelAction {
	b := &binding[C, P]{provider, decodeCredentials, decodeParameters}
	action := func(name string, serve runtime.ModelHandler) runtime.ModelAction {
		return runtime.ModelAction{Type: runtime.ModelTypeLLM, Name: name, Serve: serve}
	}
	actions := []runtime.ModelAction{action("invoke_llm", b.invoke), action("get_llm_num_tokens", b.countTokens)}
	if p, ok := provider.(Poller[C, P]); ok {
		actions = append(actions,
			action("start_polling", func(ctx context.Context, req *runtime.ModelRequest) (any, error) { return b.startPolling(ctx, p, req) }),
			action("check_polling", func(ctx context.Context, req *runtime.ModelRequest) (any, error) { return b.checkPolling(ctx, p, req) }))
	}
	return actions
}

// binding makes typed calls of requests.
type binding[C, P any] struct {
	provider         Provider[C, P]
	credentials      runtime.CredentialsDecoder[C]
	decodeParameters func(*ParameterReader) P
}

func (b *binding[C, P]) invoke(ctx context.Context, req *runtime.ModelRequest) (any, error) {
	call, err := b.call(req, true)
	if err != nil {
		return nil, err
	}
	send := req.Stream // and not all of req, which is large
	return nil, run(ctx, b.provider, call, call.Stream, func(c *Chunk) error { return send(c) })
}

func (b *binding[C, P]) countTokens(ctx context.Context, req *runtime.ModelRequest) (any, error) {
	call, err := b.call(req, false)
	if err != nil {
		return nil, err
	}
	counter, ok := b.provider.(TokenCounter[C, P])
	if !ok {
		return map[string]int{"num_tokens": EstimateTokens(call.Messages, call.Tools)}, nil
	}
	n, err := counter.CountTokens(ctx, call)
	if err == nil && n < 0 {
		err = fmt.Errorf("the provider has counted %d tokens", n)
	}
	return map[string]int{"num_tokens": n}, err
}

func (b *binding[C, P]) startPolling(ctx context.Context, p Poller[C, P], req *runtime.ModelRequest) (any, error) {
	if err := polls(req.ModelCall); err != nil {
		return nil, err
	}
	call, err := b.call(req, true)
	if err != nil {
		return nil, err
	}
	polling, err := p.StartPolling(ctx, call)
	if err != nil {
		return nil, err
	}
	return polling.wire(call.ModelCall)
}

func (b *binding[C, P]) checkPolling(ctx context.Context, p Poller[C, P], req *runtime.ModelRequest) (any, error) {
	if err := polls(req.ModelCall); err != nil {
		return nil, err
	}
	f := &fields{values: req.Data}
	state := f.raw("plugin_state")
	if f.err != nil || !isState(state) {
		return nil, invalid(errors.New("plugin_state of the request must be an object that is not empty"))
	}
	creds, err := b.credentials.Decode(req)
	if err != nil {
		return nil, err
	}
	call := &CheckPollingCall[C]{req.ModelCall, creds, state}
	polling, err := p.CheckPolling(ctx, call)
	if err != nil {
		return nil, err
	}
	return polling.wire(call.ModelCall)
}

// polls reports a model without the feature polling, which others of the provider may have. Dify asks
// no such model.
func polls(call runtime.ModelCall) error {
	if call.Schema.HasFeature(runtime.FeaturePolling) {
		return nil
	}
	return &runtime.Error{Type: runtime.ErrorUnsupported, Err: fmt.Errorf("the model %s does not have the feature polling", call.Model)}
}

// call returns the call that a request asks for. The prompt is checked before the credentials, which
// are missing if Dify's daemon could not read it.
func (b *binding[C, P]) call(req *runtime.ModelRequest, prompted bool) (*Call[C, P], error) {
	call := &Call[C, P]{ModelCall: req.ModelCall}
	if err := call.read(req.Request, prompted); err != nil {
		return nil, invalid(err)
	}
	var err error
	if call.Credentials, err = b.credentials.Decode(req); err != nil {
		return nil, err
	}
	parameters, err := req.Parameters()
	if err != nil {
		return nil, err
	}
	call.Parameters = b.decodeParameters(NewParameterReader(parameters))
	raw, _ := req.Data["model_parameters"].(map[string]any)
	call.JSONSchema, err = requestedSchema(req.ModelCall.Schema, raw, req.Data["json_schema"])
	if err != nil {
		return nil, &runtime.Error{Type: runtime.ErrorInvokeBadRequest, Err: err}
	}
	return call, nil
}

// read reads what every provider understands in the same way.
func (c *Call[C, P]) read(req *runtime.Request, prompted bool) (err error) {
	r := req.Read()
	c.Stop = r.Texts("stop")
	r.Decode("stream", &c.Stream)
	if err := r.Err(); err != nil {
		return err
	}
	f := &fields{values: req.Data}
	prompt, tools := f.list("prompt_messages"), f.list("tools")
	switch {
	case f.err != nil:
		return errors.New("prompt_messages and tools of the request must be lists")
	case prompted && len(prompt) == 0:
		return errors.New("the request has no prompt_messages")
	}
	if c.Messages, err = readPrompt(prompt); err != nil {
		return err
	}
	c.Tools, err = readTools(tools)
	delete(req.Data, "prompt_messages") // they are large, and c has them
	return err
}

func invalid(err error) error {
	return &runtime.Error{Type: runtime.ErrorInvalidRequest, Err: err}
}

package agent

import (
	"context"
	"errors"

	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

// ask returns what the model has written, also if it has failed then.
func (r *Run) ask(ctx context.Context, req *invoke.LLMRequest, l *listener) (*llm.Result, error) {
	var c llm.Collector
	err := r.listen(ctx, req, &c, l)
	result := c.Result()
	switch {
	case err != nil && !errors.Is(err, ErrEnough):
		return result, err
	case result.Model == "": // every chunk has one
		return result, errors.New("it has not answered")
	}
	return result, nil
}

// listen reads what the model writes.
func (r *Run) listen(ctx context.Context, req *invoke.LLMRequest, c *llm.Collector, l *listener) error {
	for chunk, err := range r.LLM.Stream(ctx, req) {
		if err == nil {
			err = c.Add(chunk)
		}
		if err == nil {
			err = l.write(chunk.Text())
		}
		if err != nil {
			return err
		}
	}
	return l.end()
}

// listener passes on what a model writes.
type listener struct {
	text, thought func(string) error
	splitter      llm.ReasoningSplitter
}

func (l *listener) write(text string) error {
	if l.thought == nil {
		return pass(l.text, text)
	}
	return l.both(l.splitter.Write(text))
}

// end passes on what the splitter has held back.
func (l *listener) end() error {
	if l.thought == nil {
		return nil
	}
	return l.both(l.splitter.End())
}

func (l *listener) both(thought, text string) error {
	if err := pass(l.thought, thought); err != nil {
		return err
	}
	return pass(l.text, text)
}

func pass(to func(string) error, text string) error {
	if to == nil || text == "" {
		return nil
	}
	return to(text)
}

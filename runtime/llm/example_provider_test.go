package llm_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

// The types that generated code has for a provider.
type (
	Credentials   struct{ APIKey runtime.Secret }
	LLMParameters struct {
		ResponseFormat runtime.Optional[string]
	}
	LLMCall = llm.Call[Credentials, LLMParameters]
)

// Parrot is a provider whose model repeats what the user says.
type Parrot struct{}

// LLM writes the last message of the call, word for word.
func (*Parrot) LLM(_ context.Context, call *LLMCall, out *llm.Output) error {
	call = llm.AskForCodeBlock(call, out, llm.CodeFormat(call.Parameters.ResponseFormat.Or("")))
	conversation := call.Conversation() // and call.System(), where a service wants it apart
	if len(conversation) == 0 {
		return &runtime.Error{Type: runtime.ErrorInvokeBadRequest, Err: errors.New("say something")}
	}
	if err := out.Reasoning("What did they say?"); err != nil {
		return err
	}
	said := conversation[len(conversation)-1].Text()
	for word := range strings.SplitAfterSeq(said, " ") {
		if err := out.Text(word); err != nil {
			return err
		}
	}
	return out.Finish(llm.FinishStop, llm.Usage{PromptTokens: llm.EstimateTokens(call.Messages, call.Tools), CompletionTokens: llm.EstimateTextTokens(said)})
}

// Ask calls a provider as Dify does.
func ExampleAsk() {
	result, err := llm.Ask(context.Background(), new(Parrot), &LLMCall{
		ModelCall:  runtime.ModelCall{Model: "parrot"},
		Parameters: LLMParameters{ResponseFormat: runtime.Some("JSON")},
		Messages:   []llm.Message{llm.User("Here you are: ```json\n[1, 2]\n```")},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	reasoning, answer := llm.SplitReasoning(result.Text())
	fmt.Println(reasoning)
	fmt.Println(answer, result.FinishReason, result.Usage.Currency)
	// Output:
	// What did they say?
	// [1, 2] stop USD
}

package invoke_test

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

// Dify is what generated code has if manifest.yaml permits models.
type Dify struct {
	LLM    invoke.LLM
	Rerank invoke.Rerank
	Speech invoke.Speech
}

var (
	ctx    = context.Background()
	dify   Dify                  // of a call, such as call.Dify
	chosen runtime.ModelSelector // a parameter of type model-selector
	writer = io.Discard
)

// The answer of a model comes in chunks.
func ExampleLLM_Stream() {
	chunks := dify.LLM.Stream(ctx, &invoke.LLMRequest{
		Model:    chosen,
		Messages: []llm.Message{llm.System("Answer in one sentence."), llm.User("Why is the sky blue?")},
	})
	for chunk, err := range chunks {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Fprint(writer, chunk.Text())
	}
}

// A model calls tools until it has what it needs.
func ExampleLLM_Generate_tools() {
	messages := []llm.Message{llm.User("What is the weather in Bonn?")}
	for range 5 {
		result, err := dify.LLM.Generate(ctx, &invoke.LLMRequest{
			Model: chosen, Messages: messages, Tools: []llm.Tool{{Name: "weather", Description: "Tells the weather in Bonn."}},
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		if len(result.Message.ToolCalls) == 0 {
			fmt.Println(result.Text())
			return
		}
		messages = append(messages, result.Message)
		for _, call := range result.Message.ToolCalls {
			messages = append(messages, llm.ToolResult(call, "It rains."))
		}
	}
}

// The schema of structured output is that of a Go type.
func ExampleLLM_Structured() {
	var review struct {
		Tone    string   `json:"tone" enum:"friendly,angry" description:"How the customer sounds."`
		Reasons []string `json:"reasons,omitempty"`
	}
	result, err := dify.LLM.Structured(ctx, &invoke.LLMRequest{
		Model: chosen, Messages: []llm.Message{llm.User("Classify: I shall never come back.")},
	}, &review)
	if errors.Is(err, invoke.ErrPermission) {
		fmt.Println("set model.enabled and model.llm in manifest.yaml")
		return
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(review.Tone, result.Usage.TotalPrice, result.Usage.Currency)
}

// The best documents come first.
func ExampleRerank() {
	docs := []string{"Bonn is on the Rhine.", "Cats purr."}
	result, err := dify.Rerank.Rank(ctx, &invoke.RerankRequest{Model: chosen, Query: "Where is Bonn?", Documents: docs})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range result.Matches {
		fmt.Println(d.Score, docs[d.Index])
	}
}

// The pieces of speech are one audio file.
func ExampleSpeech_Speak() {
	for piece, err := range dify.Speech.Speak(ctx, &invoke.SpeechRequest{Model: chosen, Text: "Hello"}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if _, err := writer.Write(piece); err != nil {
			fmt.Println(err)
			return
		}
	}
}

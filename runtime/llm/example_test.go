package llm_test

import (
	"fmt"

	"github.com/difygen/difygen/runtime/llm"
)

// A tool takes its parameters from a Go type, and a call is decoded into it.
func ExampleSchemaOf() {
	type arguments struct {
		City string `json:"city" description:"Where, such as Bonn."`
		Unit string `json:"unit,omitempty" enum:"celsius,fahrenheit"`
	}
	schema, err := llm.SchemaOf(arguments{})
	if err != nil {
		fmt.Println(err)
		return
	}
	tool := llm.Tool{Name: "weather", Description: "Tells the weather in a city.", Parameters: schema}
	fmt.Println(tool.Parameters["required"])

	call := llm.ToolCall{ID: "call_1", Name: "weather", Arguments: `{"city":"Bonn"}`} // of the model
	var args arguments
	if err := call.Decode(&args); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(llm.ToolResult(call, args.City+": rain").Text())
	// Output:
	// [city]
	// Bonn: rain
}

// The content of a message has parts of five types.
func ExamplePart() {
	m := llm.User("What is this?", &llm.Image{URL: "https://files.example/cat.png", MIMEType: "image/png", Detail: llm.DetailHigh})
	for _, part := range m.Parts {
		switch p := part.(type) {
		case *llm.Text:
			fmt.Println("text:", p.Text)
		case *llm.Image:
			fmt.Println("image:", p.DataURL())
		case *llm.Audio, *llm.Video, *llm.Document:
			fmt.Println("something that this model does not know")
		}
	}
	// Output:
	// text: What is this?
	// image: https://files.example/cat.png
}

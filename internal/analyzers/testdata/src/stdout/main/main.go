package main

import (
	"fmt"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/serve"
)

func init() {
	fmt.Println("hello") // want `fmt.Println prints`
}

func main() { serve.Main(newPlugin()) }

func newPlugin(...runtime.Provider) *serve.Plugin { return nil }

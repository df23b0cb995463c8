// Command agent is a Dify plugin with an agent strategy: function calling.
package main

import (
	agent "github.com/difygen/difygen/examples/agent/provider"
	"github.com/difygen/difygen/serve"
)

//go:generate go tool difygen

func main() {
	serve.Main(newPlugin(&agent.Provider{}))
}

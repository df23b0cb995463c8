// Command relay is a Dify plugin with endpoints that pass questions on to a service, or a model.
package main

import (
	relay "github.com/difygen/difygen/examples/relay/provider"
	"github.com/difygen/difygen/serve"
)

//go:generate go tool difygen

func main() {
	serve.Main(newPlugin(&relay.Provider{}))
}

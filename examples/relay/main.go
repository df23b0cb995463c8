// Command relay is a Dify plugin with an endpoint that passes questions on to a service.
package main

import (
	relay "github.com/difygen/difygen/examples/relay/provider"
	"github.com/difygen/difygen/serve"
)

//go:generate go tool difygen

func main() {
	serve.Main(newPlugin(&relay.Provider{}))
}

// Command gateway is a Dify plugin for the models of a gateway.
package main

import (
	gateway "github.com/difygen/difygen/examples/gateway/provider"
	"github.com/difygen/difygen/serve"
)

//go:generate go tool difygen

func main() {
	serve.Main(newPlugin(gateway.New()))
}

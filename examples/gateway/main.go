// Command gateway is a Dify plugin for the models of a gateway.
package main

import (
	"os"

	gateway "github.com/difygen/difygen/examples/gateway/provider"
	"github.com/difygen/difygen/serve"
)

func main() {
	serve.Main(os.DirFS("."), gateway.NewProvider(&gateway.Provider{}))
}

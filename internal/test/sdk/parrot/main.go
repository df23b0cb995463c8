// Command parrot is a plugin whose models need no service. It is also one in Python, in the same
// folder, so that tests can compare what both answer.
package main

import (
	parrot "github.com/difygen/difygen/internal/test/sdk/parrot/provider"
	"github.com/difygen/difygen/serve"
)

//go:generate go tool difygen

func main() {
	serve.Main(newPlugin(&parrot.Provider{}))
}

// Command heron is a plugin with a trigger that needs no service. It is also one in Python, in the same folder,
// so that tests can compare what both answer.
package main

import (
	heron "github.com/difygen/difygen/internal/test/sdk/heron/provider"
	"github.com/difygen/difygen/serve"
)

//go:generate go tool difygen

func main() {
	serve.Main(newPlugin(&heron.Provider{}))
}

// Command wren is a plugin whose endpoints need no service. It is also one in Python, in the same folder,
// so that tests can compare what both answer.
package main

import (
	wren "github.com/difygen/difygen/internal/test/sdk/wren/provider"
	"github.com/difygen/difygen/serve"
)

//go:generate go tool difygen

func main() {
	serve.Main(newPlugin(&wren.Provider{}))
}

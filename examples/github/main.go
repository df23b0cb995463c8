// Command github is a Dify plugin with a tool that lists the issues of GitHub repositories.
package main

import (
	github "github.com/difygen/difygen/examples/github/provider"
	"github.com/difygen/difygen/serve"
)

//go:generate go tool difygen

func main() {
	serve.Main(newPlugin(github.New(github.Service{})))
}

// Command notion is a Dify plugin that connects Notion as a data source.
package main

import (
	notion "github.com/difygen/difygen/examples/notion/provider"
	"github.com/difygen/difygen/serve"
)

//go:generate go tool difygen

func main() {
	serve.Main(newPlugin(notion.New(notion.Service{})))
}

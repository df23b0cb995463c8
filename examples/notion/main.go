// Command notion is a Dify plugin that connects Notion as a data source.
package main

import (
	"os"

	notion "github.com/difygen/difygen/examples/notion/provider"
	"github.com/difygen/difygen/serve"
)

func main() {
	serve.Main(os.DirFS("."), notion.NewProvider(&notion.Provider{}))
}

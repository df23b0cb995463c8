// Command crawler is a Dify plugin that reads the pages of a website.
package main

import (
	crawler "github.com/difygen/difygen/examples/crawler/provider"
	"github.com/difygen/difygen/serve"
)

//go:generate go tool difygen

func main() {
	serve.Main(newPlugin(&crawler.Provider{}))
}

// Command zendesk is the Dify plugin difygen/zendesk. This file is yours: difygen wrote it
// once and will not touch it again.
package main

import (
	zendesk "github.com/difygen/difygen/internal/ports/zendesk/provider"
	"github.com/difygen/difygen/serve"
)

//go:generate go tool difygen

func main() {
	serve.Main(newPlugin(zendesk.New(nil)))
}

// Command box is the Dify plugin difygen/box. This file is yours: difygen wrote it
// once and will not touch it again.
package main

import (
	box "github.com/difygen/difygen/internal/ports/box/provider"
	"github.com/difygen/difygen/serve"
)

//go:generate go tool difygen

func main() {
	serve.Main(newPlugin(box.New(box.Service{})))
}

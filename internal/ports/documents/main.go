// Command documents is the Dify plugin difygen/documents. This file is yours: difygen wrote it
// once and will not touch it again.
package main

import (
	documents "github.com/difygen/difygen/internal/ports/documents/provider"
	"github.com/difygen/difygen/serve"
)

//go:generate go tool difygen

func main() {
	serve.Main(newPlugin(&documents.Provider{}))
}

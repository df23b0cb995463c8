// Command images is the Dify plugin difygen/images. This file is yours: difygen wrote it once
// and will not touch it again.
package main

import (
	images "github.com/difygen/difygen/internal/ports/images/provider"
	"github.com/difygen/difygen/serve"
)

//go:generate go tool difygen

func main() {
	serve.Main(newPlugin(&images.Provider{}))
}

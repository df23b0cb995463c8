// Command cot is the Dify plugin difygen/cot. This file is yours: difygen wrote it
// once and will not touch it again.
package main

import (
	cot "github.com/difygen/difygen/internal/ports/cot/provider"
	"github.com/difygen/difygen/serve"
)

//go:generate go tool difygen

func main() {
	serve.Main(newPlugin(&cot.Provider{}))
}

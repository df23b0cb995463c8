// Command weather is the Dify plugin difygen/weather. This file is yours: difygen wrote it
// once and will not touch it again.
package main

import (
	weather "github.com/difygen/difygen/internal/ports/weather/provider"
	"github.com/difygen/difygen/serve"
)

//go:generate go tool difygen

func main() {
	serve.Main(newPlugin(&weather.Provider{}))
}

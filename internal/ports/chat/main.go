// Command chat is the Dify plugin difygen/chat. This file is yours: difygen wrote it once and
// will not touch it again.
package main

import (
	chat "github.com/difygen/difygen/internal/ports/chat/provider"
	"github.com/difygen/difygen/serve"
)

//go:generate go tool difygen

func main() {
	serve.Main(newPlugin(&chat.Provider{}))
}

// Command calendar is the Dify plugin difygen/calendar. This file is yours: difygen wrote it
// once and will not touch it again.
package main

import (
	calendar "github.com/difygen/difygen/internal/ports/calendar/provider"
	"github.com/difygen/difygen/serve"
)

//go:generate go tool difygen

func main() {
	serve.Main(newPlugin(calendar.New(calendar.Service{})))
}

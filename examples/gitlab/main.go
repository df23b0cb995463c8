// Command gitlab is a Dify plugin that subscribes workflows to events of GitLab.
package main

import (
	gitlab "github.com/difygen/difygen/examples/gitlab/provider"
	"github.com/difygen/difygen/serve"
)

//go:generate go tool difygen

func main() {
	serve.Main(newPlugin(&gitlab.Provider{}))
}

// Command gitlab is a Dify plugin that subscribes workflows to events of GitLab.
package main

import (
	"os"

	gitlab "github.com/difygen/difygen/examples/gitlab/provider"
	"github.com/difygen/difygen/serve"
)

func main() {
	serve.Main(os.DirFS("."), gitlab.NewProvider(&gitlab.Provider{}))
}

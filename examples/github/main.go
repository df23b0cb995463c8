// Command github is a Dify plugin with a tool that lists the issues of GitHub
// repositories.
package main

import (
	"os"

	github "github.com/difygen/difygen/examples/github/provider"
	"github.com/difygen/difygen/examples/github/tools"
	"github.com/difygen/difygen/serve"
)

func main() {
	serve.Main(os.DirFS("."), parts(&github.Provider{})...)
}

// parts are what answers for the plugin's YAML.
func parts(p *github.Provider) []serve.Part {
	return []serve.Part{
		github.NewProvider(p),
		serve.NewTool("list_issues", github.DecodeAnyCredentials, &tools.ListIssues{Provider: p}),
	}
}

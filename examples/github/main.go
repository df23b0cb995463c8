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
	serve.Main(os.DirFS("."), bindings(&github.Provider{})...)
}

// bindings returns the code for what the plugin's YAML declares.
func bindings(p *github.Provider) []serve.Binding {
	return []serve.Binding{
		github.NewProvider(p),
		serve.NewTool("list_issues", github.DecodeAnyCredentials, &tools.ListIssues{Provider: p}),
	}
}

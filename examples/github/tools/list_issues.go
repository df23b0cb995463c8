// Package tools contains the tools of the plugin.
package tools

import (
	"context"
	"errors"
	"fmt"
	"strings"

	github "github.com/difygen/difygen/examples/github/provider"
	"github.com/difygen/difygen/serve"
)

// ListIssues lists the open issues of a repository.
type ListIssues struct{ Provider *github.Provider }

// Invoke sends the issues as text, one per line, and as JSON.
func (t *ListIssues) Invoke(ctx context.Context, creds github.AnyCredentials, params map[string]any, out *serve.Messages) error {
	repository, _ := params["repository"].(string)
	if owner, name, ok := strings.Cut(repository, "/"); !ok || owner == "" || name == "" || strings.Contains(name, "/") {
		return errors.New("the repository must be its owner and name, such as octocat/hello-world")
	}
	issues, err := t.Provider.Issues(ctx, creds, repository)
	if err != nil {
		return err
	}
	var lines strings.Builder
	for _, i := range issues {
		fmt.Fprintf(&lines, "#%d %s\n", i.Number, i.Title)
	}
	if len(issues) == 0 {
		lines.WriteString("There are no open issues.\n")
	}
	if err := out.Text(lines.String()); err != nil {
		return err
	}
	return out.JSON(issues)
}

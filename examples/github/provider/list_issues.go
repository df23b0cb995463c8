package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/difygen/difygen/runtime"
)

// ListIssues sends the issues of a repository as text, one on a line, as JSON, and as
// variables.
func (p *Provider) ListIssues(ctx context.Context, call *ListIssuesCall, out *ListIssuesOutput) error {
	params := call.Parameters
	owner, name, _ := strings.Cut(params.Repository, "/")
	if owner == "" || name == "" || strings.Contains(name, "/") {
		return errors.New("the repository must be its owner and name, such as octocat/hello-world")
	}
	query := url.Values{"state": {string(params.State)}, "per_page": {strconv.FormatInt(params.Limit, 10)}}
	path := "/repos/" + url.PathEscape(owner) + "/" + url.PathEscape(name) + "/issues?" + query.Encode()
	var issues []ListIssuesIssuesItem
	err := p.get(ctx, call.Credentials, path, &issues)
	if runtime.StatusCode(err) == http.StatusNotFound {
		return errors.New("GitHub has no such repository, or the token has no access to it")
	}
	if err != nil {
		return err
	}
	var lines strings.Builder
	for _, i := range issues {
		fmt.Fprintf(&lines, "#%d %s\n", i.Number, i.Title)
	}
	if len(issues) == 0 {
		lines.WriteString("There are no such issues.\n")
	}
	return errors.Join(out.Text(lines.String()), out.JSON(issues), out.SetCount(int64(len(issues))), out.SetIssues(issues))
}

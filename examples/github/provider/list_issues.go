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
	list := issueList{p, call, "/repos/" + url.PathEscape(owner) + "/" + url.PathEscape(name) + "/issues"}
	if params.OnlyNew {
		return list.sendNew(ctx, out)
	}
	issues, err := list.page(ctx, params.Limit, 1)
	if err != nil {
		return err
	}
	return send(out, issues, "There are no such issues.\n")
}

// ListIssuesRuntimeParameters tells models which repositories the user has, those with the latest changes
// first. For Dify, the parameter replaces the one of the YAML with its name. Dify has deprecated such
// parameters: the tool must also work as its YAML says.
func (p *Provider) ListIssuesRuntimeParameters(ctx context.Context, creds AnyCredentials) ([]runtime.Parameter, error) {
	var repositories []struct {
		FullName string `json:"full_name"`
	}
	if err := p.get(ctx, creds, "/user/repos?sort=pushed&per_page=20", &repositories); err != nil {
		return nil, err
	}
	names := make([]string, len(repositories))
	for i, r := range repositories {
		names[i] = r.FullName
	}
	known := "Owner and name of the repository, separated by a slash."
	if len(names) > 0 {
		known += " The user has " + strings.Join(names, ", ") + "."
	}
	return []runtime.Parameter{{
		Name: "repository", Label: "Repository", Description: "Owner and name, such as octocat/hello-world.", LLMDescription: known, Required: true,
	}}, nil
}

// send sends issues, or a text if there are none.
func send(out *ListIssuesOutput, issues []ListIssuesIssuesItem, none string) error {
	var lines strings.Builder
	for _, i := range issues {
		fmt.Fprintf(&lines, "#%d %s\n", i.Number, i.Title)
	}
	if len(issues) == 0 {
		lines.WriteString(none)
	}
	return errors.Join(out.Text(lines.String()), out.JSON(issues), out.SetCount(int64(len(issues))), out.SetIssues(issues))
}

// issueList is the issues that a call asks for.
type issueList struct {
	provider *Provider
	call     *ListIssuesCall
	path     string
}

// page returns a page of the list, the newest issues first. Pages count from 1.
func (l issueList) page(ctx context.Context, size, page int64) (issues []ListIssuesIssuesItem, err error) {
	query := url.Values{
		"state": {string(l.call.Parameters.State)}, "per_page": {strconv.FormatInt(size, 10)}, "page": {strconv.FormatInt(page, 10)},
	}
	err = l.provider.get(ctx, l.call.Credentials, l.path+"?"+query.Encode(), &issues)
	if runtime.StatusCode(err) == http.StatusNotFound {
		return nil, errors.New("GitHub has no such repository, or the token has no access to it")
	}
	return issues, err
}

// sendNew sends the issues that were opened after those that were listed for the user before.
func (l issueList) sendNew(ctx context.Context, out *ListIssuesOutput) error {
	memory, err := l.memory()
	if err != nil {
		return err
	}
	last, err := memory.load(ctx)
	if err != nil {
		return err
	}
	issues, err := l.after(ctx, last)
	if err != nil {
		return err
	}
	// If this fails, nothing is remembered: the next call sends the same issues again.
	if err := send(out, issues, "There are no new issues.\n"); err != nil || len(issues) == 0 {
		return err
	}
	return memory.store(ctx, issues[0].Number)
}

// after returns the issues with numbers above the last one that was listed. If there are more than
// the limit, it returns the oldest of them, so that the next call goes on from there; of more than
// a thousand, it knows the newest. If none was listed before, it returns the newest. An issue that
// is closed after a newer one was listed as closed does not come: numbers tell when it was opened.
func (l issueList) after(ctx context.Context, last int64) ([]ListIssuesIssuesItem, error) {
	const size, pages = 100, 10
	limit := l.call.Parameters.Limit
	if last == 0 {
		return l.page(ctx, limit, 1)
	}
	var found []ListIssuesIssuesItem
	for page := int64(1); page <= pages; page++ {
		issues, err := l.page(ctx, size, page)
		if err != nil {
			return nil, err
		}
		for _, i := range issues {
			// An issue that is opened meanwhile moves others to the next page, once more.
			if i.Number > last && (len(found) == 0 || i.Number < found[len(found)-1].Number) {
				found = append(found, i)
			}
		}
		if len(issues) < size || issues[len(issues)-1].Number <= last {
			break
		}
	}
	return found[max(0, len(found)-int(limit)):], nil
}

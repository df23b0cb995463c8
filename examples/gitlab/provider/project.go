package gitlab

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/difygen/difygen/runtime"
)

const (
	projectsPage = 100  // how many projects GitLab lists at once
	maxProjects  = 1000 // of which a user can choose
)

// ProjectOptions gives the projects whose webhooks the owner of the token may change: those that the
// owner maintains. A project keeps its ID when it is renamed.
func (p *Provider) ProjectOptions(ctx context.Context, creds AnyCredentials) ([]runtime.Choice, error) {
	var choices []runtime.Choice
	for last := int64(0); len(choices) < maxProjects; {
		var page []struct {
			ID   int64
			Path string `json:"path_with_namespace"`
		}
		path := fmt.Sprintf("projects?archived=false&min_access_level=40&order_by=id&sort=asc&simple=true&per_page=%d&id_after=%d", projectsPage, last)
		if err := p.do(ctx, creds, http.MethodGet, path, nil, &page); err != nil {
			return nil, err
		}
		for _, project := range page {
			last = project.ID
			choices = append(choices, runtime.Choice{Value: strconv.FormatInt(last, 10), Label: project.Path})
		}
		if len(page) < projectsPage {
			break
		}
	}
	slices.SortFunc(choices, func(a, b runtime.Choice) int { return strings.Compare(a.Label, b.Label) })
	return choices, nil
}

package gitlab

import (
	"regexp"
	"strings"
)

// matches reports whether a branch is one of those that a pattern describes: all if it is empty. As in
// GitLab, an asterisk stands for any text.
func matches(pattern, branch string) bool {
	if pattern == "" {
		return true
	}
	expression := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*")
	matched, err := regexp.MatchString("^"+expression+"$", branch)
	return matched && err == nil
}

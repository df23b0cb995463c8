package crawler

import (
	"bufio"
	"io"
	"net/url"
	"regexp"
	"strings"
)

// What counts of a robots.txt: as many bytes as RFC 9309, section 2.5, asks for at least.
const (
	maxRobots = 500 << 10
	maxRules  = 5000
)

// robots are the rules of a robots.txt for this program (RFC 9309).
type robots struct{ rules []rule }

// rule allows or forbids paths.
type rule struct {
	allow  bool
	length int // of the pattern: the longest one counts
	match  *regexp.Regexp
}

// parseRobots reads the rules for this program or, if there are none, those for all.
func parseRobots(r io.Reader) (*robots, error) {
	ours, all := &robots{}, &robots{}
	found := false
	var groups []*robots // that the rules are for
	names := false       // the line before has named a program
	lines := bufio.NewScanner(io.LimitReader(r, maxRobots))
	lines.Buffer(nil, maxRobots+1)
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "#")
		key, value, _ := strings.Cut(strings.TrimPrefix(line, "\uFEFF"), ":")
		value = strings.TrimSpace(value)
		switch key = strings.ToLower(strings.TrimSpace(key)); key {
		case "user-agent":
			if !names {
				groups = nil
			}
			names = true
			switch strings.ToLower(value) {
			case agent:
				groups, found = append(groups, ours), true
			case "*":
				groups = append(groups, all)
			}
		case "allow", "disallow":
			names = false
			for _, g := range groups {
				g.add(key == "allow", value)
			}
		}
	}
	if found {
		return ours, lines.Err()
	}
	return all, lines.Err()
}

// add adds a rule, whose pattern has * for any text and $ at its end for the end of the path.
func (r *robots) add(allow bool, pattern string) {
	if pattern == "" || len(r.rules) == maxRules {
		return // an empty one allows or forbids nothing
	}
	text, end := strings.CutSuffix(pattern, "$")
	parts := strings.Split(text, "*")
	for i, part := range parts {
		parts[i] = regexp.QuoteMeta(escaped(part))
	}
	expression := "(?s)^" + strings.Join(parts, ".*")
	if end {
		expression += "$"
	}
	if match, err := regexp.Compile(expression); err == nil {
		r.rules = append(r.rules, rule{allow, len(pattern), match})
	}
}

// allow reports whether a page may be read: the rule with the longest pattern decides.
func (r *robots) allow(u *url.URL) bool {
	path := escaped(u.RequestURI())
	allow, length := true, 0
	for _, rule := range r.rules {
		if (rule.length > length || rule.length == length && rule.allow) && rule.match.MatchString(path) {
			allow, length = rule.allow, rule.length
		}
	}
	return allow
}

// escaped returns a path in one form, whether its characters are escaped or not.
func escaped(path string) string {
	if plain, err := url.PathUnescape(path); err == nil {
		return plain
	}
	return path
}

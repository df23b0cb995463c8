package crawler

import (
	"bufio"
	"io"
	"net/url"
	"strings"
)

// What counts of a robots.txt: as many bytes as RFC 9309, section 2.5, asks for at least. With these
// bounds and maxURL, whether a page may be read takes milliseconds, whatever the rules are.
const (
	maxRobots  = 500 << 10
	maxRules   = 5000
	maxPattern = 2 << 10 // bytes; a rule with a longer one does not count
)

// robots are the rules of a robots.txt for this program (RFC 9309).
type robots struct{ rules []rule }

// rule allows or forbids paths.
type rule struct {
	allow  bool
	length int      // of the pattern: the longest one counts
	parts  []string // of the pattern, between any texts; the first one is where the path begins
	end    bool     // the last one is where the path ends
}

// parseRobots reads the rules for this program or, if there are none, those for all.
func parseRobots(r io.Reader) (*robots, error) {
	ours, all := &robots{}, &robots{}
	found := false
	forUs, forAll := false, false // whom the rules are for
	names := false                // the line before has named a program
	lines := bufio.NewScanner(io.LimitReader(r, maxRobots))
	lines.Buffer(nil, maxRobots+1)
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "#")
		key, value, _ := strings.Cut(strings.TrimPrefix(line, "\uFEFF"), ":")
		value = strings.TrimSpace(value)
		switch key = strings.ToLower(strings.TrimSpace(key)); key {
		case "user-agent":
			if !names {
				forUs, forAll = false, false
			}
			names = true
			switch strings.ToLower(value) {
			case agent:
				forUs, found = true, true
			case "*":
				forAll = true
			}
		case "allow", "disallow":
			names = false
			if forUs {
				ours.add(key == "allow", value)
			}
			if forAll {
				all.add(key == "allow", value)
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
	if pattern == "" || len(pattern) > maxPattern || len(r.rules) == maxRules {
		return // an empty one allows or forbids nothing
	}
	text, end := strings.CutSuffix(pattern, "$")
	parts := strings.Split(text, "*")
	for i, part := range parts {
		parts[i] = escaped(part)
	}
	r.rules = append(r.rules, rule{allow, len(pattern), parts, end})
}

// match looks for the parts from left to right, each as far left as it can be, which leaves the most for
// the others. So it reads the path once.
func (r *rule) match(path string) bool {
	rest, ok := strings.CutPrefix(path, r.parts[0])
	if !ok {
		return false
	}
	last := len(r.parts) - 1
	if last == 0 {
		return !r.end || rest == ""
	}
	for i, part := range r.parts[1:] {
		if r.end && i+1 == last {
			return strings.HasSuffix(rest, part)
		}
		if _, rest, ok = strings.Cut(rest, part); !ok {
			return false
		}
	}
	return true
}

// allow reports whether a page may be read: the rule with the longest pattern decides.
func (r *robots) allow(u *url.URL) bool {
	path := escaped(u.RequestURI())
	allow, length := true, 0
	for _, rule := range r.rules {
		if (rule.length > length || rule.length == length && rule.allow) && rule.match(path) {
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

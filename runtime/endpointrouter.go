package runtime

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// PathSegment is what is between two slashes of the pattern of a path, as generated code has it.
type PathSegment struct {
	// Text is what the segment must be, if there is no Expression.
	Text string
	// Expression is a regular expression with a group for each value. It matches the whole segment.
	Expression string
	// Rest: the segment is all that is left of the path.
	Rest bool
	// Slash: the segment is all that is left of the path but a slash at the end, and has no other slash
	// there. An empty segment follows, which is what comes after that slash.
	Slash bool
	// Rank orders the expressions that a segment can match: the smaller one is tried first.
	Rank int
}

// pathRoute is what a request to an endpoint must be.
type pathRoute struct {
	method, pattern string
	segments        []PathSegment
	values          []PathValue
}

// accepts reports whether requests with a method are for the endpoint.
func (r *pathRoute) accepts(method string) bool {
	return method == r.method || method == http.MethodHead && r.method == http.MethodGet
}

// pathRouter finds the endpoint for a request as Dify's SDK for Python does with Werkzeug 3.1.9: it
// is the state machine of its StateMachineMatcher, with the same order and the same backtracking. What
// Werkzeug redirects, or answers with the status 405, is not found, as in the SDK. It differs on purpose where
//   - a number has digits other than those of ASCII, or does not fit into an int64 or a float64:
//     it is not found;
//   - a path has more than maxPath bytes: it is not found;
//   - a request wants to become a WebSocket: an endpoint may answer it.
type pathRouter struct {
	routes []pathRoute
	root   *pathState
}

// maxPath is the size of the longest path, in bytes. It bounds the time that expressions take, as does the
// number of values in a pattern, of which generated code has 20 at most.
const maxPath = 64 << 10

// pathState is what has been matched so far.
type pathState struct {
	texts       map[string]*pathState // by the segment that comes next
	expressions []pathExpression      // in the order in which they are tried
	routes      []int                 // whose paths end here
}

// pathExpression is an expression for the segment that comes next.
type pathExpression struct {
	segment PathSegment
	matches func(text string) (groups []string)
	next    *pathState
}

func newPathRouter(routes []pathRoute) (*pathRouter, error) {
	router := &pathRouter{routes, new(pathState)}
	for i, r := range routes {
		s, groups := router.root, 0
		for _, segment := range r.segments {
			next, n, err := s.add(segment)
			if err != nil {
				return nil, fmt.Errorf("the path %s: %w", r.pattern, err)
			}
			s, groups = next, groups+n
		}
		if groups != len(r.values) {
			return nil, fmt.Errorf("the path %s has %d values, and groups for %d", r.pattern, len(r.values), groups)
		}
		s.routes = append(s.routes, i)
	}
	router.root.sort()
	return router, nil
}

// add returns the state that follows a segment, and how many groups it has.
func (s *pathState) add(segment PathSegment) (next *pathState, groups int, err error) {
	if segment.Expression == "" {
		next := s.texts[segment.Text]
		if next == nil {
			if s.texts == nil {
				s.texts = make(map[string]*pathState)
			}
			next = new(pathState)
			s.texts[segment.Text] = next
		}
		return next, 0, nil
	}
	re, err := regexp.Compile(`\A(?:` + segment.Expression + `)\z`)
	if err != nil {
		return nil, 0, err
	}
	for _, e := range s.expressions {
		if e.segment == segment {
			return e.next, re.NumSubexp(), nil
		}
	}
	e := pathExpression{segment, func(text string) []string {
		if m := re.FindStringSubmatch(text); m != nil {
			return m[1:]
		}
		return nil
	}, new(pathState)}
	if segment.Expression == usualPattern {
		e.matches = notEmpty
	}
	s.expressions = append(s.expressions, e)
	return e.next, re.NumSubexp(), nil
}

// usualPattern is that of a value without a type. Only values of the type path make a part have
// all that is left, so that this part has no slash.
const usualPattern = "([^/]+)"

// notEmpty matches what usualPattern does, and takes less time.
func notEmpty(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

func (s *pathState) sort() {
	slices.SortStableFunc(s.expressions, func(a, b pathExpression) int { return cmp.Compare(a.segment.Rank, b.segment.Rank) })
	for _, next := range s.texts {
		next.sort()
	}
	for _, e := range s.expressions {
		e.next.sort()
	}
}

// pathMatch is an endpoint that a request matches.
type pathMatch struct {
	route  int
	of     *pathRoute
	texts  []string   // of the values
	values PathValues // of the right types
}

// describe tells a request which endpoint it matches, like http.ServeMux.
func (m pathMatch) describe(r *http.Request) {
	r.Pattern = m.of.method + " " + m.of.pattern
	for i, v := range m.of.values {
		r.SetPathValue(v.Name, m.texts[i])
	}
}

// match returns the endpoint for a request.
func (router *pathRouter) match(method, path string) (m pathMatch, ok bool) {
	path = pathText(path)
	if path == "" || len(path) > maxPath {
		return m, false
	}
	path = strings.TrimLeft(path, "/")
	search := pathSearch{router: router, method: strings.ToUpper(method)}
	if !search.match(router.root, path, true) {
		return m, false
	}
	// There is no way back from here: other endpoints are not tried.
	m = pathMatch{search.route, &router.routes[search.route], search.texts, make(PathValues, len(search.texts))}
	for i, v := range m.of.values {
		if m.values[v.Name], ok = v.convert(m.texts[i]); !ok {
			return m, false
		}
	}
	return m, true
}

// pathSearch is the search for the endpoint of a request.
type pathSearch struct {
	router *pathRouter
	method string
	texts  []string // of the values so far
	route  int      // that is found
	over   bool     // because the path lacks a slash at its end
}

// match searches on in a state, with the rest of the path. If hasRest is false, the path has ended; that
// differs from an empty segment. It goes no deeper than the longest pattern, and comes to each state once.
func (s *pathSearch) match(state *pathState, rest string, hasRest bool) bool {
	if !hasRest {
		if s.found(state) {
			return true
		}
		slash := state.texts[""]
		s.over = slash != nil && s.found(slash)
		return false
	}
	first, after, hasAfter := strings.Cut(rest, "/")
	if next := state.texts[first]; next != nil && s.match(next, after, hasAfter) {
		return true
	}
	for _, e := range state.expressions {
		if s.over {
			break
		}
		if s.try(e, rest) {
			return true
		}
	}
	return false
}

// found reports whether there is an endpoint for the method in a state.
func (s *pathSearch) found(state *pathState) bool {
	i := slices.IndexFunc(state.routes, func(i int) bool { return s.router.routes[i].accepts(s.method) })
	if i >= 0 {
		s.route = state.routes[i]
	}
	return i >= 0
}

// try searches on after an expression for the start of the rest of the path, or for all of it.
func (s *pathSearch) try(e pathExpression, rest string) bool {
	text, after, hasAfter := strings.Cut(rest, "/")
	switch {
	case e.segment.Rest:
		text, after, hasAfter = rest, "", false
	case e.segment.Slash:
		text, hasAfter = strings.CutSuffix(rest, "/")
		if after = ""; strings.HasSuffix(text, "/") {
			return false
		}
	}
	groups := e.matches(text)
	if groups == nil {
		return false
	}
	before := len(s.texts)
	s.texts = append(s.texts, groups...)
	if s.match(e.next, after, hasAfter) {
		return true
	}
	s.texts = s.texts[:before]
	return false
}

// pathText returns a path as Python decodes it: what is not UTF-8 is replaced, as Unicode recommends (The
// Unicode Standard, section 3.9, U+FFFD Substitution of Maximal Subparts).
func pathText(path string) string {
	if utf8.ValidString(path) {
		return path
	}
	var b strings.Builder
	for path != "" {
		c, size := utf8.DecodeRuneInString(path)
		if c == utf8.RuneError && size == 1 {
			size = subpart(path)
		}
		b.WriteRune(c)
		path = path[size:]
	}
	return b.String()
}

// subpart returns the size of the beginning of a character that is cut off, and 1 if there is none.
func subpart(s string) int {
	for size := min(3, len(s)); size > 1; size-- {
		if !utf8.FullRuneInString(s[:size]) {
			return size
		}
	}
	return 1
}

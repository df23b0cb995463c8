// Package werkzeug_test compares the paths of endpoints with Werkzeug, with which Dify's SDK for Python
// matches them: how patterns are read, and which of them a request gets.
package werkzeug_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/pathpattern"
	"github.com/difygen/difygen/runtime"
)

// sdkEnv is the environment variable that names a Python that has Dify's SDK, and thus Werkzeug.
const sdkEnv = "DIFYGEN_SDK"

// set is a set of endpoints, and requests to them.
type set struct {
	Rules    [][2]string `json:"rules"`    // method and pattern
	Requests [][2]string `json:"requests"` // method and target
}

// notFound is the result of a request that no endpoint answers.
const notFound = "-"

// result says which endpoint has which values.
func result(endpoint int, values map[string]any) string {
	var b strings.Builder
	fmt.Fprint(&b, endpoint)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v := values[name]
		if f, ok := v.(float64); ok {
			v = strconv.FormatFloat(f, 'g', -1, 64)
		}
		fmt.Fprintf(&b, " %s=%s", name, url.PathEscape(fmt.Sprint(v)))
	}
	return b.String()
}

// inGo returns the results of requests, or the error of a pattern.
func inGo(s set) (results []string, err error) {
	var patterns []*pathpattern.Pattern
	for _, rule := range s.Rules {
		p, err := pathpattern.Parse(rule[1])
		if err != nil {
			return nil, err
		}
		patterns = append(patterns, p)
	}
	pathpattern.Rank(patterns)
	h, err := handler(s, patterns, writeResult)
	if err != nil {
		return nil, err
	}
	for _, request := range s.Requests {
		r := httptest.NewRequest(request[0], request[1], http.NoBody)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code == http.StatusNotFound {
			results = append(results, notFound)
		} else {
			results = append(results, w.Body.String())
		}
	}
	return results, nil
}

// serveFunc is the code of an endpoint, by its number.
type serveFunc = func(w http.ResponseWriter, endpoint int, values runtime.PathValues) error

// writeResult answers with the result.
func writeResult(w http.ResponseWriter, endpoint int, values runtime.PathValues) error {
	_, err := io.WriteString(w, result(endpoint, values))
	return err
}

// handler returns what generated code has for endpoints.
func handler(s set, patterns []*pathpattern.Pattern, serve serveFunc) (http.Handler, error) {
	config := runtime.EndpointsConfig[struct{}]{DecodeSettings: func(map[string]any) (struct{}, error) { return struct{}{}, nil }}
	for i, p := range patterns {
		b := runtime.EndpointBinding[struct{}]{Method: s.Rules[i][0], Pattern: s.Rules[i][1]}
		for _, segment := range p.Segments {
			b.Segments = append(b.Segments, runtime.PathSegment(segment))
		}
		for _, v := range p.Values {
			b.Values = append(b.Values, runtime.PathValue{Name: v.Name, Type: runtime.PathType(v.Type), Min: optional(v.Min), Max: optional(v.Max), Digits: v.Digits})
		}
		b.Serve = func(w http.ResponseWriter, _ *http.Request, _ runtime.EndpointCall, _ struct{}, values runtime.PathValues) error {
			return serve(w, i, values)
		}
		config.Endpoints = append(config.Endpoints, b)
	}
	return runtime.NewEndpoints(config).Handler(nil)
}

func optional(f *float64) (o runtime.Optional[float64]) {
	if f != nil {
		o = runtime.Some(*f)
	}
	return o
}

// python asks Werkzeug.
type python struct {
	t   *testing.T
	in  *json.Encoder
	out *bufio.Reader
}

// werkzeug starts Python, or skips the test.
func werkzeug(t *testing.T) *python {
	t.Helper()
	path := os.Getenv(sdkEnv)
	if path == "" {
		t.Skipf("SKIPPED: the paths of endpoints are not compared with Werkzeug: set %s to the path of a Python that has Dify's SDK", sdkEnv)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), path, "testdata/match.py")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	return &python{t, json.NewEncoder(in), bufio.NewReader(out)}
}

// ask returns the results of Werkzeug, or its error.
func (p *python) ask(s set) (results []string, err error) {
	p.t.Helper()
	if err := p.in.Encode(s); err != nil {
		p.t.Fatal(err)
	}
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		p.t.Fatal(err)
	}
	var answer struct {
		Error   string
		Results []*[2]any
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		p.t.Fatalf("%s: %v", line, err)
	}
	if answer.Error != "" {
		return nil, fmt.Errorf("%s", answer.Error)
	}
	for _, r := range answer.Results {
		if r == nil {
			results = append(results, notFound)
			continue
		}
		endpoint, _ := r[0].(float64)
		values, _ := r[1].(map[string]any)
		results = append(results, result(int(endpoint), values))
	}
	return results, nil
}

// TestRandom compares sets of random patterns, and requests that nearly match.
func TestRandom(t *testing.T) {
	t.Parallel()
	p := werkzeug(t)
	const sets = 5000
	var requests, found, refused int
	for seed := range uint64(sets) {
		s := randomSet(rand.New(rand.NewPCG(seed, 17))) //nolint:gosec // it is not a secret
		want, wantErr := p.ask(s)
		got, err := inGo(s)
		if (err == nil) != (wantErr == nil) && !stricter(err) {
			t.Errorf("set %d: %q\ngot %v, want %v", seed, s.Rules, err, wantErr)
		}
		if err != nil || wantErr != nil {
			refused++
			continue
		}
		for i, request := range s.Requests {
			requests++
			if want[i] != notFound {
				found++
			}
			if got[i] != want[i] {
				t.Errorf("set %d: %q\n%s %s: got %s, want %s", seed, s.Rules, request[0], request[1], got[i], want[i])
			}
		}
		if t.Failed() && seed > 200 {
			break
		}
	}
	t.Logf("%d sets, %d of them refused, and %d requests, %d of them found", sets, refused, requests, found)
}

// stricter reports whether an error is one of pathpattern alone.
func stricter(err error) bool {
	return err != nil && slices.ContainsFunc([]string{
		"two values have the name", "is given twice", "takes no arguments", "needs choices", "contains a slash", "no number is as large", "cannot be read", "is not a number",
	}, func(s string) bool { return strings.Contains(err.Error(), s) })
}

// TestTable compares the requests of testdata/table.txt with what it says, and that with Werkzeug.
func TestTable(t *testing.T) {
	t.Parallel()
	entries := readTable(t)
	t.Run("Go", func(t *testing.T) {
		t.Parallel()
		for _, e := range entries {
			got, err := inGo(e.set)
			e.compare(t, got, err, e.inGo)
		}
	})
	t.Run("Werkzeug", func(t *testing.T) {
		t.Parallel()
		p := werkzeug(t)
		for _, e := range entries {
			got, err := p.ask(e.set)
			e.compare(t, got, err, e.inPython)
		}
	})
}

// entry is a set of the table, with the results of its requests, or only refused.
type entry struct {
	set
	inGo, inPython []string
}

// refused is the result of a set that has a wrong pattern.
const refused = "refused"

func (e entry) compare(t *testing.T, got []string, err error, want []string) {
	t.Helper()
	if err != nil {
		got = []string{refused}
		if len(want) != 1 || want[0] != refused {
			t.Errorf("%q: %v", e.Rules, err)
			return
		}
	}
	if len(e.Requests) == 0 && err == nil {
		got = []string{"accepted"}
	}
	for i := range want {
		if diff := cmp.Diff(want[i], got[i]); diff != "" {
			what := ""
			if len(e.Requests) > 0 {
				what = strings.Join(e.Requests[i][:], " ")
			}
			t.Errorf("%q: %s: -want +got:\n%s", e.Rules, what, diff)
		}
	}
}

// readTable reads testdata/table.txt. Its sets have an empty line between them; a line is an endpoint
// or, if it is indented, a request and its result: the number of an endpoint, from 0 up, with its values,
// or a hyphen. What Werkzeug does differently follows in brackets.
func readTable(t *testing.T) (entries []entry) {
	t.Helper()
	data, err := os.ReadFile("testdata/table.txt")
	if err != nil {
		t.Fatal(err)
	}
	for paragraph := range strings.SplitSeq(strings.TrimSpace(string(data)), "\n\n") {
		var e entry
		for line := range strings.SplitSeq(paragraph, "\n") {
			if strings.HasPrefix(line, "#") {
				continue
			}
			text, indented := strings.CutPrefix(line, "\t")
			if !indented {
				method, pattern, _ := strings.Cut(text, " ")
				e.Rules = append(e.Rules, [2]string{method, pattern})
				continue
			}
			request, result, ok := strings.Cut(text, " -> ")
			if ok {
				method, target, _ := strings.Cut(request, " ")
				e.Requests = append(e.Requests, [2]string{method, target})
			} else {
				result = text
			}
			result, other, differs := strings.Cut(strings.TrimSuffix(result, "]"), " [")
			if !differs {
				other = result
			}
			e.inGo, e.inPython = append(e.inGo, result), append(e.inPython, other)
		}
		if len(e.Rules) > 0 {
			entries = append(entries, e)
		}
	}
	if len(entries) == 0 {
		t.Fatal("the table is empty")
	}
	return entries
}

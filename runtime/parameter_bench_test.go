package runtime_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
)

type searchParameters struct {
	Query  string
	Sort   region
	Limit  float64
	Page   runtime.Optional[int64]
	Exact  bool
	Places []region
}

// decodeSearch is like the code that difygen generates.
func decodeSearch(values map[string]any) (searchParameters, error) {
	d := runtime.NewParameterDecoder("Search", values)
	p := searchParameters{
		Query:  d.Text("query", "Query", runtime.FieldRequired),
		Sort:   runtime.DecodeSelectOr(&d, "sort", "Sort", runtime.FieldOptional, regions, "eu"),
		Limit:  d.NumberOr("limit", "Limit", 10),
		Page:   d.OptionalInteger("page", "Page"),
		Exact:  d.Bool("exact", "Exact", runtime.FieldOptional),
		Places: runtime.DecodeChoices(&d, "places", "Places", runtime.FieldOptional, regions),
	}
	d.AtLeast("limit", "Limit", runtime.FieldOptional, 1, p.Limit)
	d.AtMost("limit", "Limit", runtime.FieldOptional, 100, p.Limit)
	if err := d.Err(); err != nil {
		return searchParameters{}, err
	}
	return p, nil
}

// byHand decodes the same parameters with the same checks and messages.
func byHand(values map[string]any) (searchParameters, error) {
	var p searchParameters
	var wrong []string
	fail := func(name, reason string) { wrong = append(wrong, name+" "+reason) }
	switch v := values["query"].(type) {
	case nil:
		fail("Query (query)", "is required")
	case string:
		if reason := handLeaked(v); reason != "" {
			fail("Query (query)", reason)
		} else if p.Query = v; v == "" {
			fail("Query (query)", "is required")
		}
	default:
		var ok bool
		if p.Query, ok = handText(v); !ok {
			fail("Query (query)", "must be text")
		}
	}
	p.Sort = "eu"
	if v := values["sort"]; v != nil && v != "" {
		s, _ := handText(v)
		if p.Sort = region(s); !p.Sort.Valid() {
			fail("Sort (sort)", handOption(s))
		}
	}
	p.Limit = 10
	if v := values["limit"]; v != nil && v != "" {
		var ok bool
		if p.Limit, ok = handNumber(v); !ok {
			fail("Limit (limit)", handReason(v, "must be a number"))
			p.Limit = 10
		}
	}
	if v := values["page"]; v != nil && v != "" {
		f, ok := handNumber(v)
		switch {
		case !ok || f != math.Trunc(f):
			fail("Page (page)", handReason(v, "must be a whole number"))
		case math.Abs(f) > 1<<53-1:
			fail("Page (page)", "is too large")
		}
		p.Page = runtime.Some(int64(f))
	}
	if v := values["exact"]; v != nil && v != "" {
		var ok bool
		if p.Exact, ok = handBool(v); !ok {
			fail("Exact (exact)", handReason(v, "must be true or false"))
		}
	}
	if v := values["places"]; v != nil && v != "" {
		var reason string
		if p.Places, reason = handPlaces(v); reason != "" {
			fail("Places (places)", reason)
		}
	}
	if p.Limit < 1 {
		fail("Limit (limit)", "must be at least 1")
	} else if p.Limit > 100 {
		fail("Limit (limit)", "must be at most 100")
	}
	if len(wrong) > 0 {
		return searchParameters{}, errors.New("Search: " + strings.Join(wrong, "; "))
	}
	return p, nil
}

func handPlaces(v any) ([]region, string) {
	if s, ok := v.(string); ok && strings.HasPrefix(strings.TrimSpace(s), "[") {
		var inner any
		if json.Unmarshal([]byte(s), &inner) == nil {
			v = inner
		}
	}
	list, ok := v.([]any)
	if !ok {
		if _, ok := handText(v); !ok {
			return nil, "must be a list"
		}
		list = []any{v}
	}
	if len(list) == 0 {
		return nil, ""
	}
	places := make([]region, 0, len(list))
	for _, item := range list {
		s, _ := handText(item)
		if !region(s).Valid() {
			return nil, handOptions(s)
		}
		places = append(places, region(s))
	}
	return places, ""
}

func handText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), math.Abs(v) <= 1<<53-1
	}
	return "", false
}

func handNumber(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, !math.IsNaN(v) && !math.IsInf(v, 0)
	case string:
		f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		return f, err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
	}
	return 0, false
}

func handBool(v any) (value, ok bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case float64:
		return v == 1, v == 0 || v == 1
	case string:
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "true", "yes", "y", "on", "1":
			return true, true
		case "false", "no", "n", "off", "0":
			return false, true
		}
	}
	return false, false
}

func handLeaked(s string) string {
	switch {
	case s == "[__HIDDEN__]" || s == "[__UNKNOWN__]" || s == "[redacted]":
		return "arrived masked from Dify; enter it again"
	case strings.HasPrefix(s, "SFlCUklEO"):
		return "arrived encrypted from Dify; enter it again"
	}
	return ""
}

func handReason(v any, reason string) string {
	if s, ok := v.(string); ok {
		if leak := handLeaked(s); leak != "" {
			return leak
		}
	}
	return reason
}

func handOption(choice string) string {
	if reason := handLeaked(choice); reason != "" {
		return reason
	}
	return "must be one of eu, us, 1, true"
}

func handOptions(choice string) string {
	if reason := handLeaked(choice); reason != "" {
		return reason
	}
	return "must be a list with any of eu, us, 1, true"
}

// searches are parameters as hosts and models send them, good and bad.
var searches = []string{
	`{"query":"go","sort":"us","limit":20,"page":3,"exact":true,"places":["eu","us"]}`,
	`{"query":"go","sort":null,"limit":"","exact":"yes","places":"[\"eu\",1]"}`,
	`{"query":5,"sort":1,"limit":"7.5","page":"3.0","exact":0,"places":"us"}`,
	`{"query":"","sort":"mars","limit":0,"page":1.5,"exact":"maybe","places":["mars"]}`,
	`{"query":{},"sort":{},"limit":101,"page":1e300,"exact":2,"places":{}}`,
	`{"query":"[redacted]","sort":"[redacted]","limit":"[redacted]","page":"[redacted]","exact":"[redacted]","places":"[redacted]"}`,
	`{"limit":"x","page":"x","places":[null]}`,
	`{}`,
}

func decodeJSON(tb testing.TB, text string) map[string]any {
	tb.Helper()
	var values map[string]any
	if err := json.Unmarshal([]byte(text), &values); err != nil {
		tb.Fatal(err)
	}
	return values
}

// TestByHand checks that the code by hand, with which the benchmark compares, does the same.
func TestByHand(t *testing.T) {
	t.Parallel()
	for _, text := range searches {
		got, err := decodeSearch(decodeJSON(t, text))
		want, wantErr := byHand(decodeJSON(t, text))
		if diff := cmp.Diff(want, got); diff != "" || fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Errorf("%s\nerror %v\nwant  %v\n%s", text, err, wantErr, diff)
		}
	}
}

func BenchmarkParameters(b *testing.B) {
	for i, name := range []string{"typical", "converted"} {
		values := decodeJSON(b, searches[2*i])
		for _, how := range []struct {
			name   string
			decode func(map[string]any) (searchParameters, error)
		}{{"generated", decodeSearch}, {"by hand", byHand}} {
			b.Run(name+"/"+how.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := how.decode(values); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

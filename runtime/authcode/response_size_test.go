package authcode

import (
	"errors"
	goruntime "runtime"
	"strings"
	"testing"
)

// TestManyValues checks that a response of many small values, which take far more memory than their
// text, is refused before it is decoded. It is not parallel, since it measures what is allocated.
func TestManyValues(t *testing.T) {
	object := func(item string, count int) string {
		return `{"access_token":"x","x":[` + strings.TrimSuffix(strings.Repeat(item+",", count), ",") + `]}`
	}
	for _, test := range []struct {
		name, body string
		want       error
	}{
		{"as many as may be", object("1", maxValues-3), nil},
		{"one more", object("1", maxValues-2), errTooMany},
		{"objects", object("{}", MaxResponse/3-20), errTooMany},
		{"lists", object("[]", MaxResponse/3-20), errTooMany},
		{"members", `{"a":1` + strings.Repeat(`,"b":1`, maxValues) + `}`, errTooMany},
		{"members of nothing", `{` + strings.Repeat(`"":{},`, maxValues/2) + `"a":1}`, errTooMany},
		{"in text", `{"a":"` + strings.Repeat(`{[,\",\\`, 20_000) + `"}`, nil},
		{"after text that ends with a backslash", `{"a":"\\","x":[` + strings.Repeat("{},", maxValues) + `{}]}`, errTooMany},
		{"nested", strings.Repeat(`{"a":`, maxValues) + "1" + strings.Repeat("}", maxValues), errTooMany},
		{"as many as may be in a form", "a=1" + strings.Repeat("&a=1", maxValues-1), nil},
		{"one more in a form", "a=1" + strings.Repeat("&a=1", maxValues), errTooMany},
		{"a form of nothing", "=" + strings.Repeat("&", maxValues), errTooMany},
	} {
		var before, after goruntime.MemStats
		goruntime.ReadMemStats(&before)
		_, err := parseValues([]byte(test.body))
		goruntime.ReadMemStats(&after)
		if !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, err, test.want)
		}
		allocated := after.TotalAlloc - before.TotalAlloc
		t.Logf("%s: %d KiB of text allocate %d KiB", test.name, len(test.body)>>10, allocated>>10)
		if allocated > 4*MaxResponse {
			t.Errorf("%s: %d bytes allocate %d", test.name, len(test.body), allocated)
		}
	}
}

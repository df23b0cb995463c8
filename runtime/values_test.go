package runtime_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
)

// TestValuesNeverShow checks that nothing prints what a grant or a subscription holds.
func TestValuesNeverShow(t *testing.T) {
	t.Parallel()
	values := map[string]any{"key": hidden}
	for name, v := range map[string]any{
		"values":       runtime.NewValues(values),
		"grant":        runtime.OAuthGrant{Credentials: runtime.NewValues(values), ExpiresAt: -1},
		"subscription": runtime.NewSubscription("https://dify.example", values, values, nil, time.Time{}),
		"nested":       map[string]any{"list": []any{runtime.NewValues(values)}},
	} {
		var b bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&b, verb, v)
		}
		slog.New(slog.NewJSONHandler(&b, nil)).Info("text", "value", v)
		slog.New(slog.NewTextHandler(&b, nil)).Info("text", "value", v)
		data, err := json.Marshal(v)
		if err != nil {
			t.Error(err)
		}
		b.Write(data)
		b.WriteString(cmp.Diff(v, 1))
		checkNoTrace(t, name, b.String())
	}
}

// TestSubscriptionWire checks that a subscription is the same after the wire.
func TestSubscriptionWire(t *testing.T) {
	t.Parallel()
	sub := runtime.NewSubscription("https://dify.example", map[string]any{"a": "b"}, map[string]any{"key": hidden}, map[string]any{"key": "not", "n": 1.5, "null": nil}, time.Unix(1_900_000_000, 0))
	data, err := json.Marshal(sub.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"endpoint":"https://dify.example","expires_at":1900000000,"parameters":{"a":"b"},"properties":{"key":"` + hidden + `","n":1.5}}`
	if string(data) != want {
		t.Errorf("got %s, want %s", data, want)
	}
	var object map[string]any
	if err := json.Unmarshal(data, &object); err != nil {
		t.Fatal(err)
	}
	again, err := runtime.ReadSubscription(object)
	if diff := cmp.Diff(sub, again); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for _, object := range []map[string]any{
		{"expires_at": "soon"}, {"properties": []any{1}}, {"expires_at": 1.5}, {"expires_at": 0x1p63}, {"expires_at": 1e308}, {"expires_at": -1e19},
	} {
		if got, err := runtime.ReadSubscription(object); err == nil || err.Error() != "subscription of the request has the wrong type" || got.ExpiresAt != 0 {
			t.Errorf("%v: got %d, %v", object, got.ExpiresAt, err)
		}
	}
	if got := (runtime.Values{}).Reveal(); got != nil || !(runtime.Values{}).Equal(runtime.Values{}) || reflect.DeepEqual(sub, again) {
		t.Errorf("the zero values are %v", got)
	}
}

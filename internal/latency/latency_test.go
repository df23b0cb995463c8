package latency_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/difygen/difygen/internal/latency"
)

func TestSeconds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		input string
		want  time.Duration
		sent  string
	}{
		{"0", 0, "0"},
		{"1.25", 1250 * time.Millisecond, "1.25"},
		{"1.001", 1001 * time.Millisecond, "1.001"}, // which is 1000999999.9999999 ns
		{"0.3", 300 * time.Millisecond, "0.3"},
		{"-1", -time.Second, "-1"},
		{"1e300", math.MaxInt64, "9223372036.854776"},
		{"-1e300", math.MinInt64, "-9223372036.854776"},
		{"null", 0, "0"},
	} {
		var s latency.Seconds
		if err := json.Unmarshal([]byte(test.input), &s); err != nil || time.Duration(s) != test.want {
			t.Errorf("%s is %v, %v", test.input, time.Duration(s), err)
		}
		if data, err := json.Marshal(s); err != nil || string(data) != test.sent {
			t.Errorf("%v is sent as %s, %v", test.want, data, err)
		}
	}
	if err := json.Unmarshal([]byte(`"1"`), new(latency.Seconds)); err == nil {
		t.Error("a text is a duration")
	}
}

// Package latency has durations as Dify has them on the wire.
package latency

import (
	"encoding/json"
	"math"
	"time"
)

// Seconds is a duration that is a number of seconds in JSON.
type Seconds time.Duration

// MarshalJSON encodes the duration.
func (s Seconds) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(s).Seconds()) }

// UnmarshalJSON decodes a duration, to the nearest nanosecond. One that is too long for Go is the
// longest there is.
func (s *Seconds) UnmarshalJSON(data []byte) error {
	var seconds float64
	if err := json.Unmarshal(data, &seconds); err != nil {
		return err
	}
	nanoseconds := math.Round(seconds * float64(time.Second))
	switch {
	case nanoseconds >= math.MaxInt64:
		*s = math.MaxInt64
	case nanoseconds <= math.MinInt64:
		*s = math.MinInt64
	default:
		*s = Seconds(nanoseconds)
	}
	return nil
}

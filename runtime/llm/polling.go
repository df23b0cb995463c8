package llm

import (
	"encoding/json"
	"time"
)

// Polling is how a call goes on that Dify asks for from time to time: it runs, has succeeded, or has failed.
// Exactly one of State, Result and Failure is set.
type Polling struct {
	// State of a call that runs comes back with the next request. It is a JSON object that is not empty.
	State json.RawMessage
	// Result of a call that has succeeded.
	Result *Result
	// Failure is why a call has failed.
	Failure string

	// While a call runs: when Dify asks again (at least a second), when it gives up, and after how many
	// times. What is 0 is left to Dify: 1 to 30 seconds, 2 hours and 240 times.
	NextCheck   time.Duration
	Expires     time.Duration
	MaxAttempts int
}

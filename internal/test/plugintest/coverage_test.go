package plugintest_test

import (
	"sync"
	"testing"

	"github.com/difygen/difygen/internal/host"
)

// coverage is which actions examples have answered with a result, over which transports.
type coverage struct {
	mu         sync.Mutex
	examples   map[string]bool
	transports map[string]map[string]bool // actions by transport
}

func newCoverage() *coverage {
	return &coverage{examples: make(map[string]bool), transports: make(map[string]map[string]bool)}
}

// add notes what an example has answered.
func (c *coverage) add(example, transport, action string, response *host.Response) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.examples[example] = true
	if c.transports[transport] == nil {
		c.transports[transport] = make(map[string]bool)
	}
	if response.Err == nil && len(response.Results) > 0 {
		c.transports[transport][action] = true
	}
}

// check reports actions of Dify that no example has answered, if so many examples, which are all, have run.
func (c *coverage) check(t *testing.T, examples int) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.examples) < examples {
		return
	}
	for transport, answered := range c.transports {
		for _, action := range host.Actions() {
			if !answered[action] {
				t.Errorf("no example answers %s with a result over %s", action, transport)
			}
		}
	}
}

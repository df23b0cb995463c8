package gen

import (
	"testing"

	"github.com/difygen/difygen/model"
)

// TestKinds wants code for every kind of provider but agent strategies.
func TestKinds(t *testing.T) {
	t.Parallel()
	for _, k := range model.Kinds() {
		if _, ok := kinds[k]; ok != (k != model.KindAgentStrategy) {
			t.Errorf("code for the kind %s: %v", k, ok)
		}
	}
}

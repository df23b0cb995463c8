package parallel

import (
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
)

// TestEach does not run in parallel, since it changes the number of processors.
func TestEach(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	wrong := errors.New("wrong")
	for _, processors := range []int{1, 4} {
		runtime.GOMAXPROCS(processors)
		for _, n := range []int{0, 1, 5, 100} {
			calls := make([]atomic.Int32, n)
			err := Each(n, func(i int) error {
				calls[i].Add(1)
				if i == n-1 {
					return wrong
				}
				return nil
			})
			for i := range calls {
				if calls[i].Load() != 1 {
					t.Errorf("%d of %d on %d processors: %d calls", i, n, processors, calls[i].Load())
				}
			}
			if errors.Is(err, wrong) != (n > 0) {
				t.Errorf("%d on %d processors: %v", n, processors, err)
			}
		}
	}
}

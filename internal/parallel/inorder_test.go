package parallel

import (
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestInOrder does not run in parallel, since it changes the number of processors.
func TestInOrder(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, processors := range []int{1, 4} {
		runtime.GOMAXPROCS(processors)
		for _, n := range []int{0, 1, 5, 200} {
			var began, used atomic.Int64
			var got, want []int
			InOrder(n, func(i int) int {
				if ahead := began.Add(1) - used.Load(); ahead > int64(4*processors+2) {
					t.Errorf("%d results at once", ahead)
				}
				return i * i
			}, func(i, result int) {
				got, want = append(got, result), append(want, i*i)
				used.Add(1)
			})
			if diff := cmp.Diff(want, got); diff != "" || len(got) != n {
				t.Errorf("%d on %d processors (-want +got):\n%s", n, processors, diff)
			}
		}
	}
}

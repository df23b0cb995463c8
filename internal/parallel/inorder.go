package parallel

import "runtime"

// InOrder calls f with 0 to n-1, on all processors at once, and use with each result, in that
// order and one at a time. It calls f at most a few times ahead of use, so that only a few
// results are in memory.
func InOrder[T any](n int, f func(i int) T, use func(i int, result T)) {
	workers := min(n, runtime.GOMAXPROCS(0))
	ahead := make(chan chan T, 2*workers) // of the results that use did not get yet, in order
	running := make(chan struct{}, max(workers, 1))
	go func() {
		defer close(ahead)
		for i := range n {
			result := make(chan T, 1)
			ahead <- result
			running <- struct{}{}
			go func() {
				defer func() { <-running }()
				result <- f(i)
			}()
		}
	}()
	i := 0
	for result := range ahead {
		use(i, <-result)
		i++
	}
}

package redact

import (
	"math/bits"
	"math/rand/v2"
)

// The hash of a text is a polynomial modulo a prime, at a base that nobody outside of the process
// knows. Texts that differ have the same hash with a probability of their length in 2^61.
const prime = 1<<61 - 1

var base = rand.Uint64N(prime-1<<32) + 1<<32

// times returns a*b modulo prime.
func times(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return reduce(low&prime + (low>>61 | high<<3))
}

// reduce returns a number below 2*prime modulo prime.
func reduce(a uint64) uint64 {
	if a >= prime {
		a -= prime
	}
	return a
}

// sumOf returns the hash of a text, which is not 0 for a text that is not empty.
func sumOf(s string) uint64 {
	var sum uint64
	for i := range len(s) {
		sum = reduce(times(sum, base) + uint64(s[i]) + 1)
	}
	return sum
}

// hashes are those of all starts of a text, made when they are needed first.
type hashes struct {
	sums   []uint64 // of text[:i]
	powers []uint64 // of base
}

// of returns the hash of text[start:end]. The text is always the same.
func (h *hashes) of(text string, start, end int) uint64 {
	if h.sums == nil {
		h.sums, h.powers = make([]uint64, len(text)+1), make([]uint64, len(text)+1)
		h.powers[0] = 1
		for i := range len(text) {
			h.sums[i+1] = reduce(times(h.sums[i], base) + uint64(text[i]) + 1)
			h.powers[i+1] = times(h.powers[i], base)
		}
	}
	return reduce(h.sums[end] + prime - times(h.sums[start], h.powers[end-start]))
}

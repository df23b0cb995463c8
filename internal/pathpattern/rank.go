package pathpattern

import (
	"cmp"
	"slices"
)

// weight is Werkzeug's weight of a segment: the smaller one is tried first.
type weight struct {
	texts  []int // how many characters each text has
	values []int // the weight of the type of each value
}

// compare orders weights as Werkzeug does: those with more texts come before others, and of as many
// the first longer text decides; then more values, and the smaller weight of a type.
func (w weight) compare(other weight) int {
	return cmp.Or(
		cmp.Compare(len(other.texts), len(w.texts)),
		slices.Compare(other.texts, w.texts),
		cmp.Compare(len(other.values), len(w.values)),
		slices.Compare(w.values, other.values),
	)
}

// Rank sets the ranks of the segments of all patterns of a plugin, from 0 up. Segments of the same weight
// have the same rank: of them, the one of the earlier pattern is tried first. A segment that is a text has
// the rank 0, since it is tried before all others.
func Rank(patterns []*Pattern) {
	var all []weight
	for _, p := range patterns {
		for i, w := range p.weights {
			if p.Segments[i].Expression != "" {
				all = append(all, w)
			}
		}
	}
	slices.SortFunc(all, weight.compare)
	all = slices.CompactFunc(all, func(a, b weight) bool { return a.compare(b) == 0 })
	for _, p := range patterns {
		for i, w := range p.weights {
			if p.Segments[i].Expression != "" {
				p.Segments[i].Rank, _ = slices.BinarySearchFunc(all, w, weight.compare)
			}
		}
	}
}

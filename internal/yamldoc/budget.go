package yamldoc

import "slices"

const (
	// maxPairs bounds the pairs of keys in the decoded mappings, because the decoder
	// compares each pair. A mapping with 10,000 keys has about as many.
	maxPairs = 50_000_000
	// maxRepeats bounds the pairs of equal keys, because the decoder makes a message for
	// each pair.
	maxRepeats = 10_000
	// maxAliasGain bounds the values that expanding aliases adds to those in the file.
	maxAliasGain = 200_000
)

// budget counts what decoding a document has cost so far.
type budget struct {
	costs   map[*Node]cost
	sizes   map[*Node]int // of the nodes that were spent or followed
	gain    int           // values that aliases added
	pairs   int           // pairs of keys to compare
	repeats int           // pairs of equal keys
	refused bool          // an error has said that the budget is exceeded
}

// cost is what decoding a node costs, with its aliases expanded.
type cost struct {
	values  int // nodes
	pairs   int // pairs of keys in mappings
	repeats int // those of equal keys
}

// plus adds costs. It does not overflow.
func (c cost) plus(other cost) cost {
	const most = 1 << 40
	return cost{min(c.values+other.values, most), min(c.pairs+other.pairs, most), min(c.repeats+other.repeats, most)}
}

// afford reports whether decoding n takes time and memory in proportion to the size of the
// file. If n is a mapping, only the values of the given keys count, or all values if keys
// is nil: the others, which nothing decodes, can be of any size.
func (b *budget) afford(n *Node, keys []string) bool {
	if n.Kind == Mapping {
		b.pairs += pairs(n)
		b.repeats += repeats(n)
		for i := 0; i+1 < len(n.Content); i += 2 {
			if k := n.Content[i]; keys == nil || IsMerge(k) || slices.Contains(keys, Resolve(k).Value) {
				b.spend(n.Content[i+1])
			}
		}
	} else {
		b.spend(n)
	}
	return b.pairs <= maxPairs && b.repeats <= maxRepeats && b.gain <= maxAliasGain
}

// spend counts the cost of decoding n.
func (b *budget) spend(n *Node) {
	c := b.weigh(n, 0)
	b.gain += c.values - b.size(n)
	b.pairs += c.pairs
	b.repeats += c.repeats
}

// pairs returns how many pairs of keys a mapping has.
func pairs(n *Node) int {
	keys := len(n.Content) / 2
	return keys * (keys - 1) / 2
}

// repeats returns how many pairs of equal keys a mapping has; 0 if it is too small to have
// many.
func repeats(n *Node) int {
	const few = 100
	if len(n.Content) < 2*few {
		return 0
	}
	counts := make(map[string]int, len(n.Content)/2)
	sum := 0
	for i := 0; i+1 < len(n.Content); i += 2 {
		sum += counts[n.Content[i].Value]
		counts[n.Content[i].Value]++
	}
	return sum
}

// weigh returns the cost of decoding n. It stops counting at a cycle of aliases, which
// the decoder refuses.
func (b *budget) weigh(n *Node, depth int) cost {
	if n.Kind == Scalar || depth > maxDepth {
		return cost{values: 1}
	}
	if c, ok := b.costs[n]; ok {
		return c
	}
	if b.costs == nil {
		b.costs = make(map[*Node]cost)
	}
	b.costs[n] = cost{}
	sum := cost{values: 1}
	switch n.Kind {
	case Alias:
		sum = b.weigh(n.Alias, depth+1)
	case Mapping:
		sum.pairs, sum.repeats = pairs(n), repeats(n)
	}
	for _, child := range n.Content {
		sum = sum.plus(b.weigh(child, depth+1))
	}
	b.costs[n] = sum
	return sum
}

// size is plainSize, which it counts once for a node.
func (b *budget) size(n *Node) int {
	if n.Kind == Scalar || n.Kind == Alias {
		return 1
	}
	size, ok := b.sizes[n]
	if !ok {
		if b.sizes == nil {
			b.sizes = make(map[*Node]int)
		}
		size = plainSize(n, 0)
		b.sizes[n] = size
	}
	return size
}

// plainSize counts the nodes of n. An alias is one node.
func plainSize(n *Node, depth int) int {
	size := 1
	if depth > maxDepth {
		return size
	}
	for _, c := range n.Content {
		size += plainSize(c, depth+1)
	}
	return size
}

// Follow resolves n, like [Resolve], and counts what an alias adds. Call it on nodes that
// are decoded one by one.
func (d *Document) Follow(n *Node) *Node {
	target := Resolve(n)
	if target != n {
		d.budget.spend(target)
		d.budget.gain += d.budget.size(target)
	}
	return target
}

// exceeded returns, once for a document, the error that decoding n costs too much.
func (b *budget) exceeded(n *Node) []*Error {
	if b.refused {
		return nil
	}
	b.refused = true
	switch {
	case b.pairs > maxPairs:
		return []*Error{faultf(TooLarge, At(n), "the maps up to this point have too many keys")}
	case b.repeats > maxRepeats:
		return []*Error{faultf(TooLarge, At(n), "the maps up to this point define keys too many times")}
	}
	return []*Error{faultf(Expansion, At(n), "aliases expand to more than %d values; write out only what is needed", maxAliasGain)}
}

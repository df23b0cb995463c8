package yamldoc

import "slices"

const (
	// maxPairs bounds the pairs of keys in all maps that are decoded: the decoder
	// compares them all. One map of 10,000 keys has as many.
	maxPairs = 50_000_000
	// maxAliasGain bounds how many more values than the file holds its aliases
	// may stand for.
	maxAliasGain = 200_000
)

// budget is what decoding a document has cost so far.
type budget struct {
	costs   map[*Node]cost
	gain    int  // values that aliases added
	pairs   int  // pairs of keys to compare
	refused bool // that it is exceeded was reported
}

// cost is what decoding a node takes, its aliases followed.
type cost struct {
	values int // nodes
	pairs  int // pairs of keys in mappings, all of which the decoder compares
}

// plus adds costs; absurd ones stay finite.
func (c cost) plus(other cost) cost {
	const most = 1 << 40
	return cost{min(c.values+other.values, most), min(c.pairs+other.pairs, most)}
}

// afford reports whether decoding n takes time and memory in proportion to the size
// of the file. Of a mapping only the values under keys count; the others, which
// nothing decodes, may be of any size. Nil keys stand for all.
func (b *budget) afford(n *Node, keys []string) bool {
	if n.Kind == Mapping {
		b.pairs += pairs(n)
		for i := 0; i+1 < len(n.Content); i += 2 {
			if k := n.Content[i]; keys == nil || IsMerge(k) || slices.Contains(keys, Resolve(k).Value) {
				b.spend(n.Content[i+1])
			}
		}
	} else {
		b.spend(n)
	}
	return b.pairs <= maxPairs && b.gain <= maxAliasGain
}

// spend notes the cost of decoding n.
func (b *budget) spend(n *Node) {
	c := b.weigh(n, 0)
	b.gain += c.values - plainSize(n, 0)
	b.pairs += c.pairs
}

// pairs is how many pairs of keys a mapping has.
func pairs(n *Node) int {
	keys := len(n.Content) / 2
	return keys * (keys - 1) / 2
}

// weigh is the cost of n when its aliases are followed. It stops counting where a
// cycle closes: the decoder itself refuses those.
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
		sum.pairs = pairs(n)
	}
	for _, child := range n.Content {
		sum = sum.plus(b.weigh(child, depth+1))
	}
	b.costs[n] = sum
	return sum
}

// plainSize counts the nodes of n, aliases as one.
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

// Follow resolves an alias that the caller decodes itself, and counts what it adds.
func (d *Document) Follow(n *Node) *Node {
	target := Resolve(n)
	if target != n {
		d.budget.spend(target)
		d.budget.gain += plainSize(target, 0)
	}
	return target
}

// Affordable reports whether all of the document, its aliases followed, is of a size in
// proportion to the file, and says what is not, if Decode has not said it already.
func (d *Document) Affordable() (errs []*Error, ok bool) {
	if d.Root == nil || d.budget.afford(d.Root, nil) {
		return nil, true
	}
	return d.exceeded(d.Root), false
}

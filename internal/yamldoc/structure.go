package yamldoc

// This file has the rules of the scanner about levels, flow collections and keys.

// fail sets the fault, unless there is one.
func (s *scanner) fail(p problem, at mark) {
	if s.fault == nil {
		s.fault = &fault{problem: p, at: at}
	}
}

// roll opens a level, if the column is further right than the innermost one.
func (s *scanner) roll(column, number int, kind tokenKind, at mark) {
	if len(s.flows) > 0 || s.indent() >= column {
		return
	}
	list := kind == sequenceStart
	if s.indent() >= 0 {
		s.countStep(column-s.indent(), list)
	}
	s.levels = append(s.levels, level{column: column, first: at, last: at, list: list})
	if len(s.levels) > maxDepth {
		s.fail(tooDeep, at)
	}
	s.insert(number, token{kind: kind, at: at})
}

// countStep counts by how many columns a level is indented in the innermost one.
func (s *scanner) countStep(step int, list bool) {
	sort := 0
	if list {
		sort = 1
	}
	if s.levels[len(s.levels)-1].list {
		sort += 2
	}
	s.steps[sort][min(step, maxStep-1)]++
}

// unroll closes the levels that are further right than a column.
func (s *scanner) unroll(column int) {
	if len(s.flows) > 0 {
		return
	}
	for s.indent() > column {
		s.levels = s.levels[:len(s.levels)-1]
		s.insert(-1, token{kind: blockEnd, at: s.mark})
	}
}

func (s *scanner) key() *simpleKey { return &s.keys[len(s.keys)-1] }

// valid reports whether k can still be a key. It fails if k must be one but is not.
func (s *scanner) valid(k *simpleKey) bool {
	if k.possible && (k.at.line < s.line || k.at.index+maxKey < s.index) {
		if k.required {
			s.fail(missingColon, k.at)
		}
		k.possible = false
	}
	return k.possible
}

// startScalar notes that what starts here can be a key, but nothing right after it.
func (s *scanner) startScalar() {
	s.saveKey()
	s.keyAllowed = false
}

func (s *scanner) saveKey() {
	if s.keyAllowed {
		required := len(s.flows) == 0 && s.indent() == s.column
		s.dropKey()
		*s.key() = simpleKey{possible: true, required: required, number: s.taken + len(s.queue), at: s.mark}
		s.saved = len(s.keys)
	}
}

// dropKey gives up the possible key of the current flow.
func (s *scanner) dropKey() {
	k := s.key()
	if k.possible && k.required {
		s.fail(missingColon, k.at)
	}
	k.possible = false
}

func (s *scanner) openFlow(kind tokenKind, end byte) {
	s.saveKey()
	s.keys = append(s.keys, simpleKey{})
	s.flows = append(s.flows, flow{s.mark, end})
	if len(s.flows) > maxDepth {
		s.fail(tooDeep, s.mark)
	}
	s.keyAllowed = true
	s.indicator(kind)
}

func (s *scanner) closeFlow(kind tokenKind) {
	s.dropKey()
	if n := len(s.flows); n > 0 {
		s.flows = s.flows[:n-1]
		s.keys = s.keys[:n]
	}
	s.keyAllowed = false
	s.indicator(kind)
}

// startElement starts an item or key at its indicator, if one can start here.
func (s *scanner) startElement(in tokenKind, otherwise problem) bool {
	if len(s.flows) == 0 {
		if !s.keyAllowed {
			s.fail(otherwise, s.mark)
			return false
		}
		s.roll(s.column, -1, in, s.mark)
		s.levels[len(s.levels)-1].last = s.mark
	}
	s.dropKey()
	return true
}

// fetchEntry fetches the "-" of an item.
func (s *scanner) fetchEntry() {
	if s.startElement(sequenceStart, misplacedDash) {
		s.keyAllowed = true
		s.elements++
		s.indicator(blockEntry)
	}
}

// fetchKey fetches the "?" of a key.
func (s *scanner) fetchKey() {
	if s.startElement(mappingStart, misplacedQuestion) {
		s.keyAllowed = len(s.flows) == 0
		s.indicator(keyToken)
	}
}

// fetchValue fetches the ":" after a key.
func (s *scanner) fetchValue() {
	k := s.key()
	switch {
	case s.valid(k):
		s.insert(k.number, token{kind: keyToken, at: k.at})
		s.roll(k.at.column, k.number, mappingStart, k.at)
		if len(s.flows) == 0 {
			s.levels[len(s.levels)-1].last = k.at
		}
		k.possible = false
		s.keyAllowed = false
	case len(s.flows) == 0 && !s.keyAllowed:
		s.fail(misplacedColon, s.mark)
		return
	default:
		s.roll(s.column, -1, mappingStart, s.mark)
		s.keyAllowed = len(s.flows) == 0
	}
	s.elements++
	s.indicator(valueToken)
}

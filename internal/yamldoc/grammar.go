package yamldoc

import "slices"

// grammar checks the order of tokens, as the parser of the YAML package does.
type grammar struct {
	*scanner
	state  state
	states []state // where to continue after a node
}

// state is what the grammar expects next.
type state byte

const (
	document state = iota
	documentDirectives
	documentContent
	documentStop
	blockItems
	plainItems // of a list that is not indented further than its key
	blockKeys
	blockValue
	flowItemsFirst
	flowItems
	pairKey // of a map of one pair in a list
	pairValue
	pairEnd
	flowKeysFirst
	flowKeys
	flowValue
	flowNoValue
)

// read reads text to its end or its first fault. The limit is as in scanner. The YAML
// package reads the first document only, and a few tokens after it.
func read(data []byte, limit int) *scanner {
	g := &grammar{scanner: newScanner(data, limit)}
	for {
		t, ok := g.next()
		if !ok || g.state == document && t.kind == streamEnd {
			return g.scanner
		}
		g.step(t)
	}
}

// step does what the next token, t, calls for.
func (g *grammar) step(t token) {
	switch g.state {
	case document, documentDirectives, documentContent, documentStop:
		g.document(t)
	case blockItems:
		switch t.kind {
		case blockEntry:
			g.take()
			g.child(blockItems, blockNode, blockEntry, blockEnd)
		case blockEnd:
			g.end()
		default:
			g.fail(misfit, t.at)
		}
	case plainItems:
		if t.kind != blockEntry {
			g.pop()
			return
		}
		g.take()
		g.child(plainItems, blockNode, blockEntry, keyToken, valueToken, blockEnd)
	case blockKeys:
		switch t.kind {
		case keyToken:
			g.take()
			g.child(blockValue, blockOrPlainItems, keyToken, valueToken, blockEnd)
		case blockEnd:
			g.end()
		default:
			g.fail(misfit, t.at)
		}
	case blockValue:
		g.state = blockKeys
		if t.kind == valueToken {
			g.take()
			g.child(blockKeys, blockOrPlainItems, keyToken, valueToken, blockEnd)
		}
	default:
		g.flow(t)
	}
}

// document is step between and around documents.
func (g *grammar) document(t token) {
	state := g.state
	g.state = documentStop
	switch {
	case state == documentStop:
		g.later = true
		g.state = document
		if t.kind == documentEnd {
			g.take()
		}
	case t.kind == documentStart && state != documentContent:
		g.take()
		g.state = documentContent
	case t.kind == directive && state != documentContent:
		if t.undefined {
			g.fail(otherVersion, t.at)
		}
		g.take()
		g.state = documentDirectives
	case state == documentDirectives:
		g.fail(missingStart, t.at)
	case t.kind == documentEnd && state == document && g.later:
		g.take()
		g.state = document
	case state == documentContent && (t.kind == directive || t.kind == documentStart || t.kind == documentEnd || t.kind == streamEnd):
	default:
		g.node(t, blockNode)
	}
}

// flow is step in a flow collection.
func (g *grammar) flow(t token) {
	switch g.state {
	case flowItemsFirst, flowItems:
		if t, ok := g.nextInFlow(t, flowItemsFirst, flowSequenceEnd); ok {
			switch t.kind {
			case flowSequenceEnd:
				g.end()
			case keyToken:
				g.take()
				g.state = pairKey
			default:
				g.state = flowItems
				g.node(t, flowNode)
			}
		}
	case pairKey:
		if t.kind == valueToken || t.kind == flowEntry || t.kind == flowSequenceEnd {
			g.take() // as the YAML package does
			g.state = pairValue
			return
		}
		g.state = pairValue
		g.node(t, flowNode)
	case pairValue:
		g.state = pairEnd
		if t.kind == valueToken {
			g.take()
			g.child(pairEnd, flowNode, flowEntry, flowSequenceEnd)
		}
	case pairEnd:
		g.state = flowItems
	case flowKeysFirst, flowKeys:
		if t, ok := g.nextInFlow(t, flowKeysFirst, flowMappingEnd); ok {
			switch t.kind {
			case flowMappingEnd:
				g.end()
			case keyToken:
				g.take()
				g.child(flowValue, flowNode, valueToken, flowEntry, flowMappingEnd)
			default:
				g.state = flowNoValue
				g.node(t, flowNode)
			}
		}
	case flowValue:
		g.state = flowKeys
		if t.kind == valueToken {
			g.take()
			g.child(flowKeys, flowNode, flowEntry, flowMappingEnd)
		}
	case flowNoValue:
		g.state = flowKeys
	}
}

// nextInFlow returns the token that starts the next element of a flow collection or ends
// it. It fails if a comma is missing.
func (g *grammar) nextInFlow(t token, first state, end tokenKind) (token, bool) {
	if t.kind == end || g.state == first {
		return t, true
	}
	if t.kind != flowEntry {
		g.fail(missingComma, t.at)
		return t, false
	}
	g.take()
	return g.next()
}

// The contexts of a node.
type context byte

const (
	blockNode         context = iota
	blockOrPlainItems         // or a list that is not indented further
	flowNode
)

// child reads a node, unless one of the given tokens says that it is empty. The state
// after it is given.
func (g *grammar) child(after state, in context, empty ...tokenKind) {
	g.state = after
	switch t, ok := g.next(); {
	case !ok:
	case !slices.Contains(empty, t.kind):
		g.node(t, in)
	case after == blockKeys:
		g.empty++
	}
}

// node reads the start of a node. If it is a collection, the state is that of the
// collection, which returns to the current one.
func (g *grammar) node(t token, in context) {
	if t.kind == aliasToken {
		if t.undefined {
			g.fail(unknownAnchor, t.at)
		}
		g.take()
		return
	}
	start := g.taken
	for _, kind := range g.properties(t) {
		if t.kind == kind {
			if t.undefined {
				g.fail(badTag, t.at)
			}
			g.take()
			var ok bool
			if t, ok = g.next(); !ok {
				return
			}
		}
	}
	switch {
	case in == blockOrPlainItems && t.kind == blockEntry:
		g.begin(plainItems)
	case t.kind == scalarToken:
		g.take()
	case t.kind == flowSequenceStart:
		g.take()
		g.begin(flowItemsFirst)
	case t.kind == flowMappingStart:
		g.take()
		g.begin(flowKeysFirst)
	case in != flowNode && t.kind == sequenceStart:
		g.take()
		g.begin(blockItems)
	case in != flowNode && t.kind == mappingStart:
		g.take()
		g.begin(blockKeys)
	case g.taken == start:
		g.fail(misfit, t.at)
	}
}

// properties returns the order in which an anchor and a tag can start with t.
func (g *grammar) properties(t token) []tokenKind {
	if t.kind == tagToken {
		return []tokenKind{tagToken, anchorToken}
	}
	return []tokenKind{anchorToken, tagToken}
}

// begin enters a collection, which returns to the current state.
func (g *grammar) begin(s state) {
	g.states = append(g.states, g.state)
	g.state = s
}

// end takes the token that ends a collection.
func (g *grammar) end() {
	g.take()
	g.pop()
}

func (g *grammar) pop() {
	n := len(g.states) - 1
	g.state, g.states = g.states[n], g.states[:n]
}

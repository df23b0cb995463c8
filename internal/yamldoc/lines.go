package yamldoc

import "bytes"

// lineOf returns where the line of a byte starts and ends.
func lineOf(data []byte, offset int) (start, end int) {
	start = bytes.LastIndexAny(data[:offset], "\r\n") + 1
	if end = bytes.IndexAny(data[offset:], "\r\n"); end < 0 {
		return start, len(data)
	}
	return start, offset + end
}

// contentOf returns where the line of a byte starts, and where its content does: after
// the indentation and the "-" of items.
func contentOf(data []byte, offset int) (start, content int) {
	start, end := lineOf(data, offset)
	content = start
	for rest := data[start:end]; ; rest = data[content:end] {
		content += indentOf(rest)
		if !bytes.HasPrefix(data[content:end], []byte("- ")) {
			return start, content
		}
		content += 2
	}
}

// indentOf returns how many spaces a line starts with.
func indentOf(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " ")) }

// isElement reports whether a line that is not indented further than a key starts
// something new, rather than end the value of the key.
func isElement(text []byte) bool {
	if len(text) == 0 {
		return false
	}
	switch text[0] {
	case ']', '}', '#':
		return false
	case '\'', '"':
		return len(bytes.TrimSpace(text)) > 1
	}
	return true
}

// wordEnd returns where the word that starts at a byte ends.
func wordEnd(data []byte, start int) int {
	end := start
	for end < len(data) && isWord(data[end]) {
		end++
	}
	return end
}

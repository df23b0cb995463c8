package trigger

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// The ends of errors.
var (
	errNotObject = errors.New("must be a JSON object or null")
	errNumber    = errors.New("cannot hold a number beyond float64")
)

// object returns a JSON object that Dify can decode, or an empty one for null.
func object(data json.RawMessage) (json.RawMessage, error) {
	switch {
	case string(data) == "null":
		return json.RawMessage("{}"), nil
	case data[0] != '{':
		return nil, errNotObject
	case !fitsFloat(data):
		return nil, errNumber
	}
	return data, nil
}

// fitsFloat reports whether float64 holds every number of a JSON text. Few numbers need a look: those with an
// exponent, and very long ones.
func fitsFloat(data []byte) bool {
	const short = 308 // digits that always fit
	for i := 0; i < len(data); {
		switch c := data[i]; {
		case c == '"':
			i += stringLen(data[i:])
		case c >= '0' && c <= '9':
			number := data[i : i+numberLen(data[i:])]
			i += len(number)
			if len(number) <= short && !bytes.ContainsAny(number, "eE") {
				continue
			}
			if _, err := strconv.ParseFloat(string(number), 64); err != nil {
				return false
			}
		default:
			i++
		}
	}
	return true
}

// stringLen returns the length of the string with which a JSON text begins, with its quotes.
func stringLen(data []byte) int {
	for end := 1; ; end++ {
		quote := bytes.IndexByte(data[end:], '"')
		if quote < 0 {
			return len(data)
		}
		end += quote
		before := data[1:end]
		if escapes := len(before) - len(bytes.TrimRight(before, `\`)); escapes%2 == 0 {
			return end + 1
		}
	}
}

// numberLen returns the length of the number with which a JSON text begins.
func numberLen(data []byte) int {
	if n := bytes.IndexFunc(data, func(c rune) bool { return !strings.ContainsRune("0123456789+-.eE", c) }); n >= 0 {
		return n
	}
	return len(data)
}

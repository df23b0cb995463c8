package openai

import (
	"encoding/base64"
	"strings"
)

// parseDataURL returns the media type and the bytes of a URL of scheme data in base64 (RFC 2397).
func parseDataURL(url string) (typ string, data []byte, ok bool) {
	rest, ok := strings.CutPrefix(url, "data:")
	if !ok {
		return "", nil, false
	}
	typ, encoded, _ := strings.Cut(rest, ",")
	typ, inBase64 := strings.CutSuffix(typ, ";base64")
	if typ, _, _ = strings.Cut(typ, ";"); !inBase64 || typ == "" {
		return "", nil, true
	}
	data, _ = base64.StdEncoding.DecodeString(encoded)
	return typ, data, true
}

package openai

import (
	"encoding/base64"
	"strings"

	"github.com/difygen/difygen/runtime/llm"
)

// imagePart returns an image that a model has made, or nil if the URL has no image.
func imagePart(url string) llm.Part {
	typ, data, ok := parseDataURL(url)
	switch {
	case ok && len(data) > 0:
		return &llm.Image{Data: data, MIMEType: typ}
	case ok || url == "":
		return nil
	}
	return &llm.Image{URL: url, MIMEType: "image/png"}
}

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

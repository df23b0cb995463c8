// Package checksum tells whether a text file is the one from which code was generated.
package checksum

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
)

// Text returns the SHA-256 of a text in hexadecimal digits. It takes CRLF as LF, since Git can
// change line ends when it checks a file out.
func Text(data []byte) string {
	sum := sha256.Sum256(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")))
	return hex.EncodeToString(sum[:])
}

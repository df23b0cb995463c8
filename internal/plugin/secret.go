package plugin

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Why a file must not be published.
const (
	dotted       = "its name starts with a dot"
	looksLikeKey = "it looks like a key"
)

// Secret returns why the file of that name must not be published; "" if it may be.
func Secret(fsys fs.FS, name string) (reason string, err error) {
	for element := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(element, ".") && fs.ValidPath(name) {
			return dotted, nil
		}
	}
	isKey := isKeyName(path.Base(name))
	if !isKey {
		isKey, err = holdsKey(fsys, name)
	}
	if isKey {
		reason = looksLikeKey
	}
	return reason, err
}

// secretFiles are the extensions of files that hold keys.
var secretFiles = []string{".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".ppk", ".env"}

// isKeyName reports whether files that hold keys have such a name.
func isKeyName(base string) bool {
	base = strings.ToLower(base)
	extension := path.Ext(base)
	return slices.Contains(secretFiles, extension) ||
		strings.HasPrefix(base, "id_rsa") || strings.HasPrefix(base, "id_ed25519") || strings.HasPrefix(base, "id_") && extension == ""
}

// holdsKey reports whether the first KiB of a file has the first line of a private key.
func holdsKey(fsys fs.FS, name string) (bool, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, 1<<10))
	return bytes.Contains(head, []byte("PRIVATE KEY-----")), err
}

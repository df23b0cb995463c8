package serve

import (
	"context"
	"io/fs"
	"net/http"
	"os"
)

// RunWith is Run with another environment than that of the process.
func RunWith(ctx context.Context, environ []string, stdin, stdout *os.File, listening func(string), fsys fs.FS, parts ...Part) error {
	return run(ctx, process{environ, stdin, stdout, listening}, fsys, parts)
}

// ParseHTTPRequest is parseHTTPRequest.
func ParseHTTPRequest(ctx context.Context, raw string) (*http.Request, error) {
	return parseHTTPRequest(ctx, raw)
}

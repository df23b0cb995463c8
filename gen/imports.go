package gen

import (
	"bytes"
	"slices"
)

const (
	runtimePath    = "github.com/difygen/difygen/runtime"
	agentPath      = runtimePath + "/agent"
	authcodePath   = runtimePath + "/authcode"
	datasourcePath = runtimePath + "/datasource"
	difytestPath   = runtimePath + "/difytest"
	invokePath     = runtimePath + "/invoke"
	oauth2Path     = "golang.org/x/oauth2"
	triggerPath    = runtimePath + "/trigger"
	webhookPath    = runtimePath + "/webhook"
	servePath      = "github.com/difygen/difygen/serve"
	httpPath       = "net/http"
)

// modelPath is the path of the runtime's package for a type of models.
func modelPath(name string) string { return runtimePath + "/" + name }

// groupImports puts a blank line between the standard library's imports and the others, which
// have a domain, or a name here; jennifer sorts them all together.
func groupImports(src []byte) []byte {
	const open, end = "\nimport (\n", "\n)\n"
	start := bytes.Index(src, []byte(open))
	if start < 0 {
		return src
	}
	start += len(open)
	size := bytes.Index(src[start:], []byte(end))
	var groups [2][]byte
	for line := range bytes.Lines(src[start : start+size+1]) {
		group := 0
		name, path, _ := bytes.Cut(line, []byte(`"`))
		if host, _, _ := bytes.Cut(path, []byte("/")); bytes.ContainsRune(host, '.') || len(bytes.TrimSpace(name)) > 0 {
			group = 1
		}
		groups[group] = append(groups[group], line...)
	}
	block := bytes.Join(groups[:], []byte("\n"))
	return slices.Concat(src[:start], bytes.Trim(block, "\n"), src[start+size:])
}

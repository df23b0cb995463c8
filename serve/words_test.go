package serve_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/text"
)

// TestServeNamesNoKind checks that what runs plugins knows no kind of provider: its code has none of their
// words, in identifiers or texts. What a plugin has is for its adapters to know. Imports are paths, not words:
// what comes of them shows in identifiers. Package internal/session is not checked, since calls back into
// Dify are of kinds, and it says which model a call is for.
func TestServeNamesNoKind(t *testing.T) {
	t.Parallel()
	kinds := []string{
		"tool", "model", "llm", "rerank", "embedding", "moderation", "tts", "speech", "datasource", "drive", "crawl", "document", "endpoint", "webhook", "hook",
		"trigger", "event", "subscription", "agent", "strategy", "oauth", "credential",
	}
	// Words that mean something else here.
	other := []string{"text/event-stream"}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	for _, entry := range files {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, entry.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			var s string
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.Ident:
				s = n.Name
			case *ast.BasicLit:
				if s = n.Value; n.Kind == token.STRING {
					s, _ = strconv.Unquote(s)
				}
			}
			for _, word := range text.Words(s) {
				word = strings.ToLower(word)
				if !slices.Contains(kinds, word) {
					word = strings.TrimSuffix(word, "s")
				}
				if slices.Contains(kinds, word) && !slices.Contains(other, s) {
					t.Errorf("%s: %q names a kind of provider: %s", fset.Position(n.Pos()), s, word)
				}
			}
			return true
		})
	}
}

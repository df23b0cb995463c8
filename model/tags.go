package model

import (
	"strings"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/internal/yamldoc"
)

// pluginTags are the tags that the host knows.
var pluginTags = []string{
	"agent", "business", "design", "education", "entertainment", "finance", "image", "medical", "news", "other",
	"productivity", "rag", "search", "social", "travel", "trigger", "utilities", "videos", "weather",
}

// checkTags reports tags in the list at a path of keys that the host does not know.
func checkTags(r *reporter, root *yamldoc.Node, path ...string) {
	_, list := yamldoc.Lookup(root, path...)
	for _, n := range unknownWords(list, pluginTags) {
		r.suggest(at(n), ruleTag, text.Nearest(n.Value, pluginTags), "the host does not know the tag %s; it knows %s",
			text.Name(n.Value), strings.Join(pluginTags, ", "))
	}
}

package model

import (
	"strings"

	"github.com/difygen/difygen/internal/yamldoc"
)

// The host's limits. Lengths count characters.
const (
	maxText       = 1024 // exclusive: label, help, placeholder, name
	maxFormFields = 32
	maxShowOn     = 16
	maxCondition  = 256 // exclusive
)

func checkIdentity(r *reporter, root *yamldoc.Node, id *hostIdentity) {
	required := []struct {
		value string
		path  []string
	}{
		{id.Author, []string{"author"}},
		{id.Name, []string{"name"}},
		{id.Icon, []string{"icon"}},
		{id.Label.English, []string{"label", "en_US"}},
		{id.Description.English, []string{"description", "en_US"}},
	}
	for _, f := range required {
		if f.value == "" {
			r.report(deepest(root, append([]string{"identity"}, f.path...)...), RuleIdentity,
				"the host requires identity.%s", strings.Join(f.path, "."))
		}
	}
	if strings.ContainsFunc(id.Name, notInNames) {
		r.report(deepest(root, "identity", "name"), RuleIdentity,
			"identity.name may hold only letters, digits, _ and -")
	}
}

// notInNames reports whether the name of an identity must not contain c.
func notInNames(c rune) bool {
	return !isLetter(c) && (c < '0' || c > '9') && c != '_' && c != '-'
}

func isLetter(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

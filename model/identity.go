package model

import "github.com/difygen/difygen/internal/yamldoc"

// The host's limits. Lengths count characters.
const (
	maxText       = 1024 // exclusive: label, help, placeholder, name
	maxScope      = 1024 // of a parameter
	maxFormFields = 32
	maxFeature    = 256 // exclusive
	maxShowOn     = 16
	maxCondition  = 256 // exclusive
	maxProvider   = 256 // exclusive: provider, of a model provider
	maxListed     = 16  // supported_model_types, configurate_methods
)

func checkIdentity(r *reporter, root *yamldoc.Node, id *hostIdentity) {
	c := fileChecker{r, root, RuleIdentity}
	c.required(id.Author, "identity", "author")
	c.required(id.Name, "identity", "name")
	c.required(id.Icon, "identity", "icon")
	c.text(id.Label, "identity", "label")
	c.text(id.Description, "identity", "description")
	if !namePattern.match(id.Name) {
		r.report(deepest(root, "identity", "name"), RuleIdentity,
			"identity.name may hold only letters, digits, _ and -")
	}
	checkTags(r, root, "identity", "tags")
}

func isLetter(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

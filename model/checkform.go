package model

import (
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/difygen/difygen/internal/text"
)

// checkModel reports what the host requires of a model provider.
func checkModel(r *reporter, root *yaml.Node, host *hostModel) {
	require := func(ok bool, path ...string) {
		if !ok {
			r.warnf(deepest(root, path), RuleIdentity, "the host requires %s", strings.Join(path, "."))
		}
	}
	require(host.Provider != "", "provider")
	require(host.Label.English != "", "label", "en_US")
	require(len(host.SupportedModelTypes) > 0, "supported_model_types")
	require(len(host.ConfigurateMethods) > 0, "configurate_methods")
	if form := host.ModelCredential; form != nil {
		require(form.Model.Label.English != "", "model_credential_schema", "model", "label", "en_US")
		if p := form.Model.Placeholder; p != nil {
			require(p.English != "", "model_credential_schema", "model", "placeholder", "en_US")
		}
	}
}

// checkShowOn reports conditions that break the host's rules.
func checkShowOn(r *reporter, field *sourced[hostFormField]) {
	f := &field.host
	check := func(node *yaml.Node, conditions []sourced[hostShowOn]) {
		if len(conditions) > maxShowOn {
			key, _ := lookup(node, "show_on")
			r.warnf(at(key), RuleShowOn, "field %s: there must be at most %d conditions", text.Name(f.Variable), maxShowOn)
		}
		for i := range conditions {
			c := &conditions[i]
			for _, part := range []struct{ key, value string }{{"variable", c.host.Variable}, {"value", c.host.Value}} {
				pos := at(c.node)
				if key, _ := lookup(c.node, part.key); key != nil {
					pos = at(key)
				}
				if part.value == "" {
					r.warnf(pos, RuleShowOn, "field %s: a condition needs a %s", text.Name(f.Variable), part.key)
				} else if utf8.RuneCountInString(part.value) >= maxCondition {
					r.warnf(pos, RuleLength, "field %s: a condition's %s must have fewer than %d characters", text.Name(f.Variable), part.key, maxCondition)
				}
			}
		}
	}
	check(field.node, f.ShowOn)
	for i := range f.Options {
		check(f.Options[i].node, f.Options[i].host.ShowOn)
	}
}

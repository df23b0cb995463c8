package difytest

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/difygen/difygen/runtime"
)

// refuse reports the first of the problems for which a call is not sent, if there is one, and
// returns it. It does not end the test: the call may be that of a subtest.
func (h *Host) refuse(p *provider, problems ...string) error {
	h.tb.Helper()
	problem := cmp.Or(p.problem, cmp.Or(problems...))
	if problem == "" {
		return nil
	}
	h.tb.Errorf("%s", problem)
	return errors.New(problem)
}

// itemNames are the words for what providers have.
var itemNames = map[runtime.Kind]string{
	runtime.KindTool: "tool", runtime.KindDatasource: "data source", runtime.KindTrigger: "event",
	runtime.KindAgentStrategy: "strategy",
}

// noItem says that the provider declares no item of that name, or returns "".
func (p *provider) noItem(name string) string {
	if _, ok := p.parameters[name]; ok {
		return ""
	}
	return "no " + itemNames[p.kind] + " " + name + "; " + p.name + " has " + list(slices.Sorted(maps.Keys(p.parameters)))
}

// noParameters says which parameters an item does not declare, or returns "".
func (p *provider) noParameters(item string, params map[string]any) string {
	if p.open[item] {
		return ""
	}
	return undeclared(itemNames[p.kind]+" "+item, "parameter", p.parameters[item], params)
}

// noCredentials says which credentials the provider does not declare for the type of
// credentials that Dify would send, or returns "".
func (h *Host) noCredentials(p *provider, creds map[string]any) string {
	t := p.credentialType()
	if h.credentialType != "" || t != runtime.CredentialTypeAPIKey {
		return undeclared("provider "+p.name, "credential", slices.Concat(p.credentials, p.oauthCredentials), creds)
	}
	problem := undeclared("provider "+p.name, "credential", p.credentials, creds)
	if problem != "" && len(unknown(p.oauthCredentials, creds)) == 0 {
		problem = undeclared("provider "+p.name, "credential of type "+string(t), p.credentials, creds) +
			" (for OAuth use h.As(runtime.CredentialTypeOAuth2))"
	}
	return problem
}

// noOptions says that a parameter of an owner is of a type without choices that code gives, or
// returns "".
func noOptions(owner string, fields []field, parameter string) string {
	for _, f := range fields {
		if f.key() == parameter && f.Type != "dynamic-select" {
			return "the parameter " + parameter + " of the " + owner + " is of type " + f.Type + ", not dynamic-select, so Dify asks for no options of it"
		}
	}
	return ""
}

// undeclared says which values an owner's fields do not declare, or returns "".
func undeclared(owner, what string, fields []field, values map[string]any) string {
	names := unknown(fields, values)
	if len(names) == 0 {
		return ""
	}
	var known []string
	for _, f := range fields {
		known = append(known, f.key())
	}
	return "the " + owner + " declares no " + what + " " + list(names) + "; it has " + list(known)
}

// unknown returns the names of the values that no field declares, besides those that Dify adds.
func unknown(fields []field, values map[string]any) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		added := name == "base_model_name" || strings.HasPrefix(name, "__")
		if !added && !slices.ContainsFunc(fields, func(f field) bool { return f.key() == name }) {
			names = append(names, name)
		}
	}
	return names
}

// list returns names as text, each once.
func list(names []string) string {
	var distinct []string
	for _, name := range names {
		if !slices.Contains(distinct, name) {
			distinct = append(distinct, name)
		}
	}
	return cmp.Or(strings.Join(distinct, ", "), "none")
}

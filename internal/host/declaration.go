package host

import (
	"fmt"
	"regexp"
	"slices"
	"time"
)

// What a host requires of declarations. The checks return an error message, or "" if
// there is no error.

var (
	version   = regexp.MustCompile(`^\d{1,4}(\.\d{1,4}){2}(-\w{1,16})?$`)
	author    = regexp.MustCompile(`^[a-z0-9_-]{1,64}$`)
	pluginRE  = regexp.MustCompile(`^[a-z0-9_-]{1,128}$`)
	itemRE    = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)
	fieldType = []string{"secret-input", "text-input", "select", "boolean", "app-selector", "model-selector", "array[tools]"}
	formType  = []string{"text-input", "secret-input", "select", "radio", "switch"}
	methods   = []string{"HEAD", "GET", "POST", "PUT", "DELETE", "OPTIONS"}
)

// at returns the value at a path of keys.
func at(m map[string]any, path ...string) any {
	var v any = m
	for _, key := range path {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

func text(m map[string]any, path ...string) string {
	s, _ := at(m, path...).(string)
	return s
}

func list(m map[string]any, key string) ([]map[string]any, bool) {
	items, ok := m[key].([]any)
	out := make([]map[string]any, len(items))
	for i, item := range items {
		if out[i], ok = item.(map[string]any); !ok {
			return nil, false
		}
	}
	return out, ok
}

func checkManifest(m map[string]any) string {
	const refused = "register failed, invalid manifest detected: "
	_, created := time.Parse(time.RFC3339, text(m, "created_at"))
	memory, _ := at(m, "resource", "memory").(float64)
	_, arch := at(m, "meta", "arch").([]any)
	switch {
	case !author.MatchString(text(m, "author")):
		return refused + "author must be alphanumeric and less than 64 characters: ^[a-z0-9_-]{1,64}$"
	case !pluginRE.MatchString(text(m, "name")), !version.MatchString(text(m, "version")), text(m, "type") != "plugin":
		return refused + "name, version or type"
	case text(m, "label", "en_US") == "" || text(m, "description", "en_US") == "" || text(m, "icon") == "":
		return refused + "label, description or icon"
	case created != nil || memory <= 0 || !arch || !version.MatchString(text(m, "meta", "version")):
		return refused + "created_at, resource or meta"
	case text(m, "meta", "runner", "language") != "python":
		return "handshake failed, invalid plugin declaration: Key: 'PluginDeclaration...Meta.Runner.Language' Error:Field validation for 'Language' failed on the 'is_available_language' tag"
	case text(m, "meta", "runner", "version") == "" || text(m, "meta", "runner", "entrypoint") == "":
		return refused + "meta.runner"
	}
	return ""
}

func checkProvider(typ string, d map[string]any) string {
	switch typ {
	case "tool_declaration":
		return first(checkIdentity(d), checkFields(d, "credentials_schema", true), checkOAuth(d), checkItems(d, "tools"))
	case "datasource_declaration":
		return first(checkIdentity(d), checkFields(d, "credentials_schema", false), checkOAuth(d), checkItems(d, "datasources"))
	case "trigger_declaration":
		constructor, _ := d["subscription_constructor"].(map[string]any)
		problem := first(checkIdentity(d), checkFields(d, "subscription_schema", true), checkItems(d, "events"))
		if constructor != nil {
			problem = first(problem, checkFields(constructor, "credentials_schema", true), checkOAuth(constructor))
		}
		return problem
	case "agent_strategy_declaration":
		return first(checkIdentity(d), checkItems(d, "strategies"))
	case "endpoint_declaration":
		return first(checkFields(d, "settings", true), checkEndpoints(d))
	case "model_declaration":
		return checkModels(d)
	}
	return "unknown kind"
}

// first returns the first error message that is not empty.
func first(problems ...string) string {
	for _, p := range problems {
		if p != "" {
			return p
		}
	}
	return ""
}

func checkIdentity(d map[string]any) string {
	for _, path := range [][]string{{"author"}, {"name"}, {"icon"}, {"label", "en_US"}, {"description", "en_US"}} {
		if text(d, append([]string{"identity"}, path...)...) == "" {
			return fmt.Sprintf("identity lacks %v", path)
		}
	}
	if !itemRE.MatchString(text(d, "identity", "name")) {
		return "identity.name"
	}
	return ""
}

func checkFields(d map[string]any, key string, must bool) string {
	if _, there := d[key]; !there && !must {
		return ""
	}
	fields, ok := list(d, key)
	if !ok {
		return key + " is not a list"
	}
	for _, f := range fields {
		required, there := f["required"]
		if _, isBool := required.(bool); there && !isBool {
			return key + ": required is not a boolean"
		}
		switch f["default"].(type) {
		case map[string]any, []any:
			return key + ": default"
		}
		if text(f, "name") == "" || !slices.Contains(fieldType, text(f, "type")) || text(f, "label", "en_US") == "" {
			return fmt.Sprintf("%s: a field without name, type or label: %v", key, f)
		}
		options, _ := list(f, "options")
		for _, o := range options {
			if text(o, "value") == "" || text(o, "label", "en_US") == "" {
				return fmt.Sprintf("%s: option %v", key, o)
			}
		}
	}
	return ""
}

func checkOAuth(d map[string]any) string {
	oauth, ok := d["oauth_schema"].(map[string]any)
	if !ok {
		return ""
	}
	return first(checkFields(oauth, "client_schema", true), checkFields(oauth, "credentials_schema", true))
}

func checkItems(d map[string]any, key string) string {
	items, ok := list(d, key)
	if !ok {
		return key + " is not a list of objects"
	}
	for _, item := range items {
		if !itemRE.MatchString(text(item, "identity", "name")) || text(item, "identity", "label", "en_US") == "" {
			return key + ": identity"
		}
		if _, ok := list(item, "parameters"); !ok {
			return key + ": parameters"
		}
	}
	return ""
}

func checkEndpoints(d map[string]any) string {
	items, ok := list(d, "endpoints")
	if !ok {
		return "endpoints is not a list of objects"
	}
	for _, item := range items {
		if text(item, "path") == "" || !slices.Contains(methods, text(item, "method")) {
			return "endpoints: path or method"
		}
	}
	return ""
}

func checkModels(d map[string]any) string {
	if _, ok := list(d, "models"); !ok {
		return "models is not a list"
	}
	if text(d, "provider") == "" || text(d, "label", "en_US") == "" {
		return "provider or label"
	}
	for _, form := range []string{"provider_credential_schema", "model_credential_schema"} {
		schema, _ := d[form].(map[string]any)
		fields, _ := list(schema, "credential_form_schemas")
		for _, f := range fields {
			_, textual := f["default"].(string)
			if text(f, "variable") == "" || text(f, "label", "en_US") == "" || !slices.Contains(formType, text(f, "type")) || f["default"] != nil && !textual {
				return fmt.Sprintf("%s: field %v", form, f)
			}
		}
	}
	return ""
}

package model

import (
	"fmt"
	"reflect"
)

// fieldSnippet is a field in a map of fields.
var fieldSnippet = Snippet{
	Label: "field", Doc: "A field with its name, type and label.",
	Body: `{"${1:api_key}": {"type": "${2:secret-input}", "required": "^${3:true}", "label": {"en_US": "${4:API key}"}}}`,
}

// snippets returns a list of one field to start with.
func (r *sectionRules) snippets() []Snippet {
	more := ""
	switch r.kind {
	case inForms:
		more = `"required": "^${4:true}", `
	case inTools:
		more = `"form": "${4:llm}", "human_description": {"en_US": "$5"}, "llm_description": "$6", `
	case inDatasources:
		more = `"description": {"en_US": "$4"}, `
	}
	snippets := []Snippet{{
		Label: "- " + r.word, Doc: "A " + r.word + " with what it must have.",
		Body: fmt.Sprintf(`[{"%s": "${1:name}", "type": "${2:%s}", %s"label": {"en_US": "${3:Label}"}}]`, r.nameKey, knownTypes(r.kind)[0], more),
	}}
	if r == &modelRules {
		snippets = append(snippets, Snippet{
			Label: "- template", Doc: "A parameter that Dify knows.",
			Body: `[{"name": "${1:temperature}", "use_template": "${2:temperature}", "label": {"en_US": "${3:Temperature}"}}]`,
		})
	}
	return snippets
}

// elementSnippets are lists of one element to start with, by the struct of the element.
var elementSnippets = map[reflect.Type][]Snippet{
	reflect.TypeFor[hostOption]():          optionSnippets,
	reflect.TypeFor[hostFormOption]():      optionSnippets,
	reflect.TypeFor[hostEventOption]():     optionSnippets,
	reflect.TypeFor[hostParameterOption](): optionSnippets,
	reflect.TypeFor[hostShowOn](): {{
		Label: "- condition", Doc: "A field, and the value that it must have.",
		Body: `[{"variable": "${1:field}", "value": "${2:value}"}]`,
	}},
}

var optionSnippets = []Snippet{{
	Label: "- option", Doc: "An option with its value and label.",
	Body: `[{"value": "${1:value}", "label": {"en_US": "${2:Label}"}}]`,
}}

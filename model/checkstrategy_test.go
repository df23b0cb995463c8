package model_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestStrategyParameters checks what is reported of the parameters of an agent strategy.
func TestStrategyParameters(t *testing.T) {
	t.Parallel()
	const (
		unused  = "since only users can choose a value; this one is not used [default-value]"
		nobody  = " in a strategy, so nobody can set it; let users choose a variable: type: any, with scope: array[file] for several files [unsent-parameter]"
		unknown = "f.yaml:4:13: warning: parameter p: the host does not know the type "
	)
	for field, want := range map[string]string{
		"type: number, precision: 0, min: 1, max: 9, default: 5": "",
		"type: number, default: many":                            "f.yaml:4:27: warning: parameter p: the default must be a number; this one is not used [default-value]",
		"type: number, max: 2, default: 3":                       "f.yaml:4:35: warning: parameter p: the default must be at most 2; this one is not used [default-value]",
		"type: model-selector, scope: tool-call&llm":             "",
		"type: model-selector, default: gpt":                     "f.yaml:4:35: warning: parameter p: the type model-selector has no default, " + unused,
		"type: 'array[tools]', default: search":                  "f.yaml:4:35: warning: parameter p: the type array[tools] has no default, " + unused,
		"type: any, scope: 'array[file]', default: 5":            "",
		"type: file":           "f.yaml:4:3: warning: parameter p: Dify has no input for the type file" + nobody,
		"type: files":          "f.yaml:4:3: warning: parameter p: Dify has no input for the type files" + nobody,
		"type: object":         unknown + "object here [field-type]",
		"type: dynamic-select": "f.yaml:4:13: error: parameter p has the unknown type dynamic-select; it must be one of secret-input, string, number, select, boolean, file, files, app-selector, model-selector, array[tools], any [field-type]",
	} {
		yaml := "identity: {author: a, name: s, label: {en_US: S}}\ndescription: {en_US: D}\nparameters:\n" +
			"- {name: p, " + field + ", label: {en_US: P}}\n"
		if diff := cmp.Diff(want, diagnoseFile("strategy", yaml)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", field, diff)
		}
	}
}

// TestStrategyFeatures checks that only the features that Dify's API knows are accepted.
func TestStrategyFeatures(t *testing.T) {
	t.Parallel()
	const only = ", which makes the whole provider unusable; it knows history-messages"
	for features, want := range map[string]string{
		"[history-messages]": "",
		"[]":                 "",
		"[memory]":           "f.yaml:3:12: warning: features: Dify does not know memory" + only + " [unknown-word]",
		"[history-message]":  "f.yaml:3:12: warning: features: Dify does not know history-message" + only + " (did you mean history-messages?) [unknown-word]",
	} {
		yaml := "identity: {author: a, name: s, label: {en_US: S}}\ndescription: {en_US: D}\nfeatures: " + features + "\n"
		if diff := cmp.Diff(want, diagnoseFile("strategy", yaml)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", features, diff)
		}
	}
}

package model_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDatasourceParameters checks what is reported of the parameters of a data source.
func TestDatasourceParameters(t *testing.T) {
	t.Parallel()
	const types = "; it must be one of secret-input, string, number, select, boolean"
	for field, want := range map[string]string{
		"type: number, precision: 0, default: 5":                             "",
		"type: number, precision: 0, default: 1.5":                           "f.yaml:4:41: warning: parameter p: the default must be a whole number, since precision is 0; this one is not used [default-value]",
		"type: number, default: many":                                        "f.yaml:4:27: warning: parameter p: the default must be a number; this one is not used [default-value]",
		"type: string, default: [a]":                                         "f.yaml:4:27: warning: parameter p: the default must be text, a number or a boolean [default-type]",
		"type: dynamic-select":                                               "f.yaml:4:13: error: parameter p has the unknown type dynamic-select" + types + " [field-type]",
		"type: select, options: [{value: a, label: {en_US: A}}], default: b": "f.yaml:4:69: warning: parameter p: the default is not one of the options (a), so it is not used; write one of them [default-value]",
	} {
		yaml := "identity: {author: a, name: d, label: {en_US: D}}\ndescription: {en_US: D}\nparameters:\n" +
			"- {name: p, " + field + ", label: {en_US: P}, description: {en_US: P}}\n"
		if diff := cmp.Diff(want, diagnoseFile("datasource", yaml)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", field, diff)
		}
	}
}

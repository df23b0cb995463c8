package model_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEventDefaults checks which defaults of the parameters of an event are reported.
func TestEventDefaults(t *testing.T) {
	t.Parallel()
	const unused = "; this one is not used [default-value]"
	for field, want := range map[string]string{
		"type: number, precision: 0, default: 5":                                               "",
		"type: number, precision: 0, default: 1.5":                                             "f.yaml:4:41: warning: parameter p: the default must be a whole number, since precision is 0" + unused,
		"type: number, precision: 2, default: 1.25":                                            "",
		"type: number, precision: 1, default: 1.25":                                            "f.yaml:4:41: warning: parameter p: the default must be a number with at most 1 decimal place" + unused,
		"type: number, precision: 2, default: 1.125":                                           "f.yaml:4:41: warning: parameter p: the default must be a number with at most 2 decimal places" + unused,
		"type: string, default: [a]":                                                           "f.yaml:4:27: warning: parameter p: the default must be text" + unused,
		"type: boolean, default: [true]":                                                       "f.yaml:4:28: warning: parameter p: the default must be true or false" + unused,
		"type: array, default: [a]":                                                            "",
		"type: array, default: a":                                                              "f.yaml:4:26: warning: parameter p: the default must be a list" + unused,
		"type: object, default: a":                                                             "f.yaml:4:27: warning: parameter p: the default must be a map" + unused,
		"type: file, default: a":                                                               "f.yaml:4:25: warning: parameter p: the type file has no default, since only users can choose a value" + unused,
		"type: checkbox, default: [a], options: [{value: a, label: {en_US: A}}]":               "",
		"type: select, multiple: true, default: [a], options: [{value: a, label: {en_US: A}}]": "",
	} {
		yaml := "identity: {author: a, name: e, label: {en_US: E}}\ndescription: {en_US: D}\nparameters:\n" +
			"- {name: p, " + field + ", label: {en_US: P}}\n"
		if diff := cmp.Diff(want, diagnoseFile("event", yaml)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", field, diff)
		}
	}
}

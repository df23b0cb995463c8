package model_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// knownProperties ends messages about properties of models that Dify does not know.
const knownProperties = "it knows mode, context_size, max_chunks, voices, default_voice, word_limit, audio_type, max_workers, " +
	"file_upload_limit, supported_file_extensions, max_characters_per_chunk"

// TestModels checks what is reported about properties and parameters of models.
func TestModels(t *testing.T) {
	t.Parallel()
	const (
		llm  = "model: m\nmodel_type: llm\n"
		rule = llm + "parameter_rules: [{name: p, type: "
	)
	for _, test := range []struct{ yaml, want string }{
		{llm + "model_properties: {mode: chats, context_length: 1, context_size: '8192', max_chunks: 1.5, word_limit: 2.0, max_workers: null}\n",
			"f.yaml:3:20: warning: model_properties.mode must be one of chat, completion (did you mean chat?) [unknown-word]\n" +
				"f.yaml:3:33: warning: model_properties: Dify does not know context_length, which makes the whole provider unusable; " + knownProperties + " [unknown-word]\n" +
				"f.yaml:3:52: warning: model_properties.context_size must be a whole number, without quotes [model-property]\n" +
				"f.yaml:3:74: warning: model_properties.max_chunks must be a whole number, without quotes [model-property]"},
		{llm + "model_properties: {default_voice: an, voices: [{mode: ann}, {mode: bo}]}\n",
			"f.yaml:3:20: warning: model_properties.default_voice must be the mode of one of voices (ann, bo) [model-property]"},
		{llm + "model_properties: {default_voice: bo, voices: [{mode: ann}, {mode: bo}]}\n", ""},
		{llm + "model_properties: {default_voice: an}\n", ""},
		{llm + "model_properties: {default_voice: an, voices: [ann]}\n", ""},
		{rule + "string, options: [a, b], default: c}]\n",
			"f.yaml:3:60: warning: parameter p: the default is not one of the options (a, b), but Dify uses it all the same; write one of them [default-value]"},
		{rule + "string, options: [a, b], default: b}]\n", ""},
		{rule + "string, default: 1}]\n", "f.yaml:3:43: warning: parameter p: the default must be text, in quotes; Dify uses this one all the same [default-value]"},
		{rule + "text, default: true}]\n", "f.yaml:3:41: warning: parameter p: the default must be text, in quotes; Dify uses this one all the same [default-value]"},
		{rule + "float, default: '0.5'}]\n", "f.yaml:3:42: warning: parameter p: the default must be a number, without quotes; Dify uses this one all the same [default-value]"},
		{rule + "float, default: high, min: 2, max: 1}]\n",
			"f.yaml:3:42: warning: parameter p: the default must be a number, without quotes; Dify uses this one all the same [default-value]\n" +
				"f.yaml:3:65: warning: parameter p: min is greater than max [bounds]"},
		{rule + "float, default: 3, max: 1}]\n", "f.yaml:3:42: warning: parameter p: the default must be at most 1; Dify uses this one all the same [default-value]"},
		{rule + "int, default: true}]\n", "f.yaml:3:40: warning: parameter p: the default must be a number, without quotes; Dify uses this one all the same [default-value]"},
		{rule + "int, default: 0.5}]\n", "f.yaml:3:40: warning: parameter p: the default must be a whole number; Dify uses this one all the same [default-value]"},
		{rule + "int, default: 2.0}]\n", ""},
		{rule + "boolean, default: 1}]\n", "f.yaml:3:44: warning: parameter p: the default must be true or false; Dify uses this one all the same [default-value]"},
		{rule + "boolean, default: 'true'}]\n", "f.yaml:3:44: warning: parameter p: the default is text; write true or false without quotes [boolean-default]"},
		{rule + "boolean}, {name: p, type: boolean}]\n", "f.yaml:3:45: warning: parameter p is also declared on line 3; a value must satisfy both declarations [duplicate-name]"},
	} {
		if diff := cmp.Diff(test.want, diagnoseFile("model", test.yaml)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.yaml, diff)
		}
	}
}

package invoke_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime/invoke"
)

func TestAppParameters(t *testing.T) {
	const parameters = `{"opening_statement":"Hello","suggested_questions":["Q"],"suggested_questions_after_answer":{"enabled":true},` +
		`"speech_to_text":{"enabled":false},"retriever_resource":{"enabled":true},"user_input_form":[` +
		`{"text-input":{"label":"Name","variable":"name","required":true,"max_length":48,"default":"x","options":[]}},` +
		`{"select":{"label":"Color","variable":"color","required":false,"options":["red","blue"]}},` +
		`{"file-list":{"label":"Files","variable":"files","required":false,"max_length":3,"allowed_file_types":["document"],"allowed_file_extensions":[".pdf"]}}],` +
		`"file_upload":{"enabled":true,"number_limits":3},"system_parameters":{"file_size_limit":15}}`
	got, err := newSession(t, reply(parameters)).Apps().Parameters(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	want := &invoke.AppParameters{
		OpeningStatement: "Hello", SuggestedQuestions: []string{"Q"},
		UserInputForm: []invoke.AppInputField{
			{Type: "text-input", Variable: "name", Label: "Name", Required: true, MaxLength: 48, Default: "x"},
			{Type: "select", Variable: "color", Label: "Color", Options: []string{"red", "blue"}},
			{
				Type: "file-list", Variable: "files", Label: "Files", MaxLength: 3,
				AllowedFileTypes: []string{"document"}, AllowedFileExtensions: []string{".pdf"},
			},
		},
		Features: map[string]bool{
			"suggested_questions_after_answer": true, "speech_to_text": false, "retriever_resource": true, "file_upload": true,
		},
		FileUpload:       map[string]any{"enabled": true, "number_limits": 3.0},
		SystemParameters: map[string]any{"file_size_limit": 15.0},
		Raw:              json.RawMessage(parameters),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	_, err = newSession(t, reply(`7`)).Apps().Parameters(t.Context(), "a")
	if want := "the reply of Dify to a call of type fetch_app is not as expected"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

package invoke

import (
	"context"
	"encoding/json"
)

// AppParameters says what an app expects and offers.
type AppParameters struct {
	OpeningStatement   string
	SuggestedQuestions []string
	// UserInputForm are the fields of the app's inputs.
	UserInputForm []AppInputField
	// Features says which of these are on: suggested_questions_after_answer, speech_to_text,
	// text_to_speech, retriever_resource, annotation_reply, more_like_this,
	// sensitive_word_avoidance.
	Features map[string]bool
	// FileUpload says which files users can send with a message, in Dify's words.
	FileUpload map[string]any
	// SystemParameters are limits, such as file_size_limit in MiB.
	SystemParameters map[string]any
	Raw              json.RawMessage // with what difygen does not know
}

// AppInputField is a field of an app's inputs.
type AppInputField struct {
	Type      string // text-input, paragraph, select, number, checkbox, file, file-list or another one
	Variable  string // the key in Inputs
	Label     string
	Required  bool
	MaxLength int // characters of a text, or files of a list; 0 if there is no limit
	Default   any
	Options   []string // of a select
	// AllowedFileTypes and AllowedFileExtensions are those of a file or file-list.
	AllowedFileTypes      []string
	AllowedFileExtensions []string
}

// Parameters returns what an app expects and offers.
func (a Apps) Parameters(ctx context.Context, appID string) (*AppParameters, error) {
	if appID == "" {
		return nil, errNoApp
	}
	w := struct {
		AppID string `json:"app_id"`
	}{appID}
	var reply json.RawMessage
	if err := a.service.one(ctx, typeFetchApp, w, &reply); err != nil {
		return nil, err
	}
	return decodeParameters(reply)
}

func decodeParameters(data json.RawMessage) (*AppParameters, error) {
	var wire struct {
		OpeningStatement   string                      `json:"opening_statement"`
		SuggestedQuestions []string                    `json:"suggested_questions"`
		UserInputForm      []map[string]map[string]any `json:"user_input_form"`
		FileUpload         map[string]any              `json:"file_upload"`
		SystemParameters   map[string]any              `json:"system_parameters"`
	}
	if err := decode(typeFetchApp, data, &wire); err != nil {
		return nil, err
	}
	var all map[string]json.RawMessage
	if err := decode(typeFetchApp, data, &all); err != nil {
		return nil, err
	}
	p := &AppParameters{
		OpeningStatement: wire.OpeningStatement, SuggestedQuestions: wire.SuggestedQuestions,
		Features: map[string]bool{}, FileUpload: wire.FileUpload,
		SystemParameters: wire.SystemParameters, Raw: data,
	}
	for name, value := range all {
		var feature struct {
			Enabled *bool `json:"enabled"`
		}
		if json.Unmarshal(value, &feature) == nil && feature.Enabled != nil {
			p.Features[name] = *feature.Enabled
		}
	}
	for _, field := range wire.UserInputForm {
		for typ, values := range field { // one
			p.UserInputForm = append(p.UserInputForm, inputField(typ, values))
		}
	}
	return p, nil
}

func inputField(typ string, values map[string]any) AppInputField {
	required, _ := values["required"].(bool)
	return AppInputField{
		Type: typ, Variable: textOf(values, "variable"), Label: textOf(values, "label"),
		Required: required, MaxLength: int(numberOf(values, "max_length", 1<<31)),
		Default: values["default"], Options: textsOf(values, "options"),
		AllowedFileTypes:      textsOf(values, "allowed_file_types"),
		AllowedFileExtensions: textsOf(values, "allowed_file_extensions"),
	}
}

// textsOf returns the texts of a list, or nil if there is none.
func textsOf(values map[string]any, key string) []string {
	list, _ := values[key].([]any)
	var texts []string
	for _, item := range list {
		if text, ok := item.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

package sdk_test

import (
	"maps"
	"slices"
	"strings"
)

// difference is one that remains.
type difference struct {
	name, reason string
	// erase makes both outcomes of a request equal in this.
	erase func(r request, inGo, inPython *outcome)
}

// differences are all that there are.
var differences = []difference{
	// What is sent.
	{
		"what is not streamed has a reason to stop", "the SDK drops it",
		func(r request, inGo, _ *outcome) {
			if r.action == "invoke_llm" && r.fields["stream"] == false {
				eachDelta(inGo, func(delta object) { delete(delta, "finish_reason") })
			}
		},
	},
	{
		"code blocks lose their fence, whether streamed or not, and the last line break", "the SDK leaves an answer that is not streamed as it is",
		func(r request, inGo, inPython *outcome) {
			text := inGo.text()
			want := "```json\n" + text + "\n```"
			if r.fields["stream"] == true {
				want = text + "\n"
			}
			if strings.Contains(r.name, "code block") && inPython.text() == want {
				*inPython = *inGo
			}
		},
	},
	{
		"a text that is empty is no chunk", "the SDK sends one, to no use",
		func(_ request, _, inPython *outcome) { inPython.dropEmpty() },
	},
	{
		"defaults of credentials are saved", "Dify fills them in before it asks, except where a form is changed",
		func(r request, inGo, inPython *outcome) {
			if len(inGo.Results) != 1 || len(inPython.Results) != 1 || !strings.HasPrefix(r.action, "validate_") {
				return
			}
			ours, _ := inGo.Results[0].(object)["credentials"].(object)
			theirs, _ := inPython.Results[0].(object)["credentials"].(object)
			maps.DeleteFunc(ours, func(key string, _ any) bool { return theirs[key] == nil })
		},
	},
	{
		"a model without voices has an empty list of them", "the SDK sends null, which the daemon refuses",
		func(r request, inGo, inPython *outcome) {
			if r.name == "voices: without a schema" {
				*inPython = *inGo
			}
		},
	},

	// Errors.
	{
		"wrong parameters are bad requests", "only the text of an error of this type is made for users",
		func(_ request, inGo, inPython *outcome) {
			if inGo.Error == "InvokeBadRequestError" && inPython.Error == "ValueError" {
				inPython.Error = inGo.Error
			}
		},
	},
	{
		"errors after the first chunk have types", "the SDK gives Dify's types only to those before it",
		differ("InvokeServerUnavailableError", "Down", "streamed: late down"),
	},
	{
		"unknown errors after the first chunk have types", "the SDK gives Dify's types only to those before it",
		differ("InvokeError", "Exception", "streamed: late other"),
	},
	{
		"credentials that cannot work are refused", "the SDK leaves that to the service",
		differ("InvokeAuthorizationError", "", "wrong: credentials without the key"),
	},
	{
		"no credentials are those without the key", "the SDK refuses the request",
		differ("CredentialsValidateFailedError", "ValidationError", "provider: null"),
	},
	{
		"a request without messages is refused as such", "the SDK refuses it by accident",
		differ("ValidationError", "AttributeError", "wrong: no messages"),
	},
	{
		"a recording that is no hexadecimal is refused as such", "the SDK refuses it by accident",
		differ("ValidationError", "Error", "transcription of no hex"),
	},
	{
		"a recording must not be empty", "the SDK sends it to the service",
		differ("ValidationError", "", "transcription of nothing"),
	},
	{
		"a type of models that nobody supports has no schema", "the SDK fails by accident",
		differ("", "KeyError", "schema: text2img x"),
	},

	{
		"a schema of the output must be one", "the SDK leaves that to the plugin",
		differ("InvokeBadRequestError", "", "conversation: a schema that is none"),
	},

	// What is taken.
	{
		"booleans are not numbers", "they are to Python",
		differ("InvokeBadRequestError", "", "words: a boolean for a number", "words: a boolean for an int"),
	},
	{
		"parameters that are null are absent", "the SDK refuses a null for a parameter that has a template",
		differ("", "ValueError", "words: null", "words: by the name of the template, null"),
	},
	{
		"no parameters can be null", "the SDK wants an empty object",
		differ("", "ValidationError", "words: no object"),
	},
	{
		"no tool calls can be null", "the SDK wants an empty list",
		differ("", "ValidationError", "conversation: calls that are null"),
	},

	{
		"types of inputs that are not known yet are passed on", "the SDK refuses the request",
		differ("", "ValidationError", "embedding of another type"),
	},
	{
		"credentials for models of types that the provider lacks are refused as such", "the SDK refuses them by accident",
		func(r request, inGo, inPython *outcome) {
			differ("ValueError", "KeyError", "model: a type that is not supported")(r, inGo, inPython)
			differ("ValueError", "ValidationError", "model: a type that does not exist")(r, inGo, inPython)
		},
	},

	// Schemas.
	{
		"texts are in the languages of the YAML", "the SDK repeats the English in the others, as Dify does by itself",
		func(_ request, _, inPython *outcome) {
			eachText(inPython, func(text object) {
				maps.DeleteFunc(text, func(language string, s any) bool { return language != "en_US" && s == text["en_US"] })
			})
		},
	},
	{
		"the help of templates is what Dify has", "the SDK has it in two languages, and leaves it to the plugin",
		func(_ request, inGo, inPython *outcome) {
			for _, o := range []*outcome{inGo, inPython} {
				eachRule(o, func(rule object) {
					if rule["use_template"] != nil {
						delete(rule, "help")
					}
				})
			}
		},
	},
	{
		"parameters of the YAML that name a template have their name for a label", "the declaration says so, and the daemon fills in no other",
		func(_ request, inGo, inPython *outcome) {
			named := make(map[any]bool)
			eachRule(inGo, func(rule object) {
				if label, _ := rule["label"].(object); rule["use_template"] != nil && label["en_US"] == rule["name"] {
					named[rule["name"]] = true
				}
			})
			for _, o := range []*outcome{inGo, inPython} {
				eachRule(o, func(rule object) {
					if named[rule["name"]] {
						delete(rule, "label")
					}
				})
			}
		},
	},
	{
		"parameters of a form's model are those of templates", "the SDK has texts of its own, and a default above the maximum",
		func(r request, inGo, inPython *outcome) {
			if !strings.HasPrefix(r.model, "form") {
				return
			}
			for _, o := range []*outcome{inGo, inPython} {
				eachRule(o, func(rule object) {
					for _, key := range []string{"use_template", "label", "help"} {
						delete(rule, key)
					}
					if rule["name"] == "max_tokens" {
						delete(rule, "default")
						delete(rule, "precision") // of an int
					}
				})
			}
		},
	},
	{
		"a model that calls no tools does not stream calls", "the SDK says so unless the form says otherwise",
		func(r request, _, inPython *outcome) {
			if r.name == "schema: llm form" {
				delete(inPython.schema(), "features")
			}
		},
	},
	{
		"a form without prices is a model without prices", "the SDK has prices of 0",
		func(r request, _, inPython *outcome) {
			if strings.HasPrefix(r.model, "form") {
				delete(inPython.schema(), "pricing")
			}
		},
	},
	{
		"languages of voices are lists", "they are elsewhere in the SDK, too",
		func(r request, inGo, inPython *outcome) {
			if !strings.HasPrefix(r.name, "schema: tts form") {
				return
			}
			for _, o := range []*outcome{inGo, inPython} {
				properties, _ := o.schema()["model_properties"].(object)
				voices, _ := properties["voices"].([]any)
				for _, voice := range voices {
					delete(voice.(object), "language")
				}
			}
		},
	},
}

// differ erases outcomes of requests of these names that end with these errors. "" is none.
func differ(inGo, inPython string, names ...string) func(request, *outcome, *outcome) {
	return func(r request, ours, theirs *outcome) {
		if slices.Contains(names, r.name) && ours.Error == inGo && theirs.Error == inPython {
			*theirs = *ours
		}
	}
}

// dropEmpty drops chunks that have nothing in them.
func (o *outcome) dropEmpty() {
	index := 0.0
	o.Results = slices.DeleteFunc(o.Results, func(result any) bool {
		delta, isChunk := result.(object)["delta"].(object)
		if !isChunk {
			return false
		}
		message, _ := delta["message"].(object)
		if message["content"] == "" && message["tool_calls"] == nil && delta["usage"] == nil {
			return true
		}
		delta["index"] = index
		index++
		return false
	})
}

// text returns the text of all chunks.
func (o *outcome) text() string {
	var text string
	eachDelta(o, func(delta object) {
		message, _ := delta["message"].(object)
		part, _ := message["content"].(string)
		text += part
	})
	return text
}

// schema returns the schema of a model, or nil.
func (o outcome) schema() object {
	if len(o.Results) == 0 {
		return nil
	}
	schema, _ := o.Results[0].(object)["model_schema"].(object)
	return schema
}

// eachRule calls f for each rule of a schema.
func eachRule(o *outcome, f func(rule object)) {
	rules, _ := o.schema()["parameter_rules"].([]any)
	for _, rule := range rules {
		f(rule.(object))
	}
}

// eachText calls f for each text of a schema that can be in several languages.
func eachText(o *outcome, f func(text object)) {
	each := func(of object) {
		for _, key := range []string{"label", "help"} {
			if text, ok := of[key].(object); ok {
				f(text)
			}
		}
	}
	each(o.schema())
	eachRule(o, each)
}

// eachDelta calls f for the delta of each chunk.
func eachDelta(o *outcome, f func(delta object)) {
	for _, result := range o.Results {
		if delta, ok := result.(object)["delta"].(object); ok {
			f(delta)
		}
	}
}

package gen

// modelTypeLLM is the type of language models, which alone have parameters.
const modelTypeLLM = "llm"

// customModelCall is the base of the type of calls for the schemas of models that users add.
const customModelCall = "CustomModelCall"

// modelKinds are the types of models, in the order of the generated code.
var modelKinds = []modelKind{
	{
		typ: modelTypeLLM, pkg: "llm", bind: "Bind",
		calls: []modelCall{
			{base: "LLMCall", typ: "Call", about: "asks a language model to go on after some messages.", hasParameters: true},
			{base: "CheckPollingCall", typ: "CheckPollingCall", about: "asks how a call of a language model goes on that takes long."},
		},
		methods: []modelMethod{
			{
				name: "LLM", call: "LLMCall", out: outOf("llm"), about: "calls a language model.",
				note: "It sends what the model writes as it comes, and at the end why it has stopped. What it sends is, for example:",
				example: []string{
					"	if err := out.Text(\"Let me see.\"); err != nil {",
					"		return err",
					"	}",
					"	return out.Finish(llm.FinishStop, llm.Usage{PromptTokens: 30, CompletionTokens: 12})",
				},
			},
			{
				name: "StartPolling", call: "LLMCall", feature: "polling", result: resultOf("llm", "Polling"), zero: null(),
				about: "starts a call of a language model that takes long. Dify then asks for the result from time to time.",
			},
			{
				name: "CheckPolling", call: "CheckPollingCall", feature: "polling", result: resultOf("llm", "Polling"), zero: null(),
				about: "reports on a call that StartPolling started.",
			},
		},
	},
	{
		typ: "text-embedding", pkg: "embedding", bind: "Bind",
		calls: []modelCall{
			{base: "EmbedCall", typ: "Call", about: "asks an embedding model for the vectors of texts."},
			{base: "EmbedMultimodalCall", typ: "MultimodalCall", about: "asks an embedding model for the vectors of texts and images."},
		},
		methods: []modelMethod{
			{
				name: "Embed", call: "EmbedCall", result: resultOf("embedding", "Result"), zero: null(), about: "returns a vector for each text, in their order.",
				note: "A result is, for example:",
				example: []string{
					"	embedding.Result{Embeddings: [][]float64{{0.6, 0.8}}, Usage: embedding.Usage{Tokens: 12}}",
				},
			},
			{
				name: "EmbedMultimodal", call: "EmbedMultimodalCall", feature: "vision", result: resultOf("embedding", "Result"), zero: null(),
				about: "returns a vector for each text or image, in their order.",
			},
		},
	},
	{
		typ: "rerank", pkg: "rerank", bind: "Bind",
		calls: []modelCall{
			{base: "RerankCall", typ: "Call", about: "asks a rerank model how well documents answer a query."},
			{base: "RerankMultimodalCall", typ: "MultimodalCall", about: "asks a rerank model how well texts and images answer a query."},
		},
		methods: []modelMethod{
			{
				name: "Rerank", call: "RerankCall", result: resultOf("rerank", "Result"), zero: null(), about: "returns the documents that answer the query, the best first.",
				note: "A result is, for example:",
				example: []string{
					"	rerank.Result{Matches: []rerank.Match{{Index: 0, Text: call.Documents[0], Score: 0.9}}}",
				},
			},
			{
				name: "RerankMultimodal", call: "RerankMultimodalCall", feature: "vision", result: resultOf("rerank", "Result"), zero: null(),
				about: "returns the documents that answer the query, the best first.",
			},
		},
	},
	{
		typ: "tts", pkg: "speech", bind: "BindSpeaker",
		calls: []modelCall{
			{base: "SpeakCall", typ: "SpeakCall", about: "asks a text-to-speech model to speak a text."},
			{base: "VoicesCall", typ: "VoicesCall", about: "asks for the voices of a text-to-speech model."},
		},
		methods: []modelMethod{
			{
				name: "Speak", call: "SpeakCall", out: outOf("speech"), about: "speaks a text.",
				note: "It writes the audio as it comes, such as from the body of a response:",
				example: []string{
					"	_, err := io.Copy(out, resp.Body)", "	return err",
				},
			},
			{
				name: "Voices", call: "VoicesCall", result: func() code { return slice(std(modelPath("speech"), "Voice")) }, zero: null(),
				about: "returns the voices that a model has.", note: "They are those that the YAML declares.",
				body: func() code { return call(dot(id("call"), "DeclaredVoices")) },
			},
		},
	},
	{
		typ: "speech2text", pkg: "speech", bind: "BindTranscriber",
		calls: []modelCall{{base: "TranscribeCall", typ: "TranscribeCall", about: "asks a speech-to-text model what is said in a recording."}},
		methods: []modelMethod{
			{name: "Transcribe", call: "TranscribeCall", result: func() code { return id("string") }, zero: lit(""), about: "returns what is said in a recording."},
		},
	},
	{
		typ: "moderation", pkg: "moderation", bind: "Bind",
		calls: []modelCall{{base: "ModerateCall", typ: "Call", about: "asks a moderation model whether a text is against its rules."}},
		methods: []modelMethod{
			{name: "Moderate", call: "ModerateCall", result: func() code { return id("bool") }, zero: lit(false), about: "reports whether a text is against the rules."},
		},
	},
}

// customModel is the method that knows the models that users have added.
var customModel = modelMethod{
	name: "CustomModel", call: customModelCall, result: func() code { return ptr(rt("ModelSchema")) }, zero: null(),
	about: "returns the schema of a model that the YAML does not declare, or nil if there is no such model.",
	note:  "It reads the usual fields of the form: context_size, mode and others.",
	body:  func() code { return call(dot(id("call"), "FormSchema")) },
}

// The type of a package that has the methods of ModelBaseMethods for the provider that embeds it.
const (
	ModelBasePath = runtimePath + "/openai"
	ModelBaseType = "Base"
)

// ModelBaseMethods returns the names of the methods that call models, apart from those that only a
// feature of a model asks for.
func ModelBaseMethods() []string {
	names := []string{customModel.name}
	for _, k := range modelKinds {
		for _, m := range k.methods {
			if m.feature == "" {
				names = append(names, m.name)
			}
		}
	}
	return names
}

func outOf(pkg string) func() code { return func() code { return std(modelPath(pkg), "Output") } }

func resultOf(pkg, name string) func() code {
	return func() code { return ptr(std(modelPath(pkg), name)) }
}

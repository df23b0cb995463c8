package model

import "reflect"

const outputDoc = "What it returns beside text, as a JSON Schema of an object: {type: object, properties: {count: {type: integer}}}."

// itemKeys are those of items of all kinds but models.
func itemKeys() keyTable {
	return keyTable{
		reflect.TypeFor[hostToolItem](): {
			"identity":               {doc: "What the tool is called, and how it is shown.", required: true},
			"description":            {doc: "What the tool does, for people and for language models.", required: true},
			"parameters":             {doc: "What the tool is called with.", section: SectionToolParameters},
			"output_schema":          {doc: outputDoc},
			"has_runtime_parameters": {doc: "Whether the code can add parameters when it is asked; false if it is not given."},
			"extra":                  {doc: extraDoc},
			"meta":                   {doc: metaDoc},
		},
		reflect.TypeFor[hostToolDescription](): {
			"human": {doc: "What the tool does, in the words of users.", required: true},
			"llm":   {doc: "What the tool does and when to call it, in words for a language model.", required: true},
		},
		reflect.TypeFor[hostEvent](): {
			"identity":      {doc: "What the event is called, and how it is shown.", required: true},
			"parameters":    {doc: "What a user sets where the event starts a workflow, such as a filter. Dify fills in no defaults, but code in Go does. An event push has them in the struct PushParameters.", section: SectionEventParameters},
			"description":   {doc: "When the event happens.", required: true},
			"output_schema": {doc: "The variables that the event gives to the workflow, as a JSON Schema of an object: {type: object, properties: {sender: {type: string}}}. In Go, an event push has them in the struct PushVariables."},
			"extra":         {doc: extraDoc},
			"meta":          {doc: metaDoc},
		},
		reflect.TypeFor[hostDatasourceItem](): {
			"identity":      {doc: "What the data source is called, and how it is shown.", required: true},
			"parameters":    {doc: "What a user sets before a website is crawled, or before documents are listed. Dify sends none to an online drive.", section: SectionDatasourceParameters},
			"description":   {doc: "What the data source gives.", required: true},
			"output_schema": {doc: "The outputs of the node in a workflow, as a JSON Schema of an object. Those of an online document that are not content, title, page_id or workspace_id have methods in Go that set them."},
			"extra":         {doc: extraDoc},
			"meta":          {doc: metaDoc},
		},
		reflect.TypeFor[hostDatasourceIdentity](): {
			"icon":        {doc: "The icon: a file below the folder _assets, named from there."},
			"description": {doc: "Dify ignores it. The description stands outside of identity."},
			"icon_dark":   {doc: "Dify ignores it, and shows the icon."},
			"tags":        {doc: "Dify ignores them, and uses the tags of the provider."},
		},
		reflect.TypeFor[hostEndpointItem](): {
			"path":   {doc: "The path of the requests, such as /ask or /items/<int:id>. <name> stands for one part, and <path:name> for several; other types are int, float, uuid and any(a, b). In Go, each such value is a field of Path.", required: true, match: &routePattern},
			"method": {doc: "The method of the requests.", required: true, words: endpointMethodWords},
			"hidden": {doc: "Whether Dify does not list the endpoint, which answers all the same; false if it is not given."},
			"extra":  {doc: extraDoc},
			"meta":   {doc: metaDoc},
		},
		reflect.TypeFor[hostStrategy](): {
			"identity":      {doc: "What the strategy is called, and how it is shown.", required: true},
			"description":   {doc: "How the strategy decides.", required: true},
			"parameters":    {doc: "What a user sets where an agent uses the strategy: a model (model-selector), tools (array[tools]), a question. In Go, a strategy act has them in the struct ActParameters.", section: SectionStrategyParameters},
			"output_schema": {doc: outputDoc},
			"features":      {doc: "What the strategy can do. Dify refuses a provider with others.", words: strategyFeatureWords},
			"extra":         {doc: extraDoc},
			"meta":          {doc: metaDoc},
		},
	}
}

// modelItemKeys are those of models.
func modelItemKeys() keyTable {
	return keyTable{
		reflect.TypeFor[hostModelItem](): {
			"model":            {doc: "The name by which the service knows the model.", required: true, less: maxModelName},
			"label":            {doc: "The name that users see; the model if it is not given.", english: englishNever},
			"model_type":       {doc: "The type of the model.", required: true, words: modelTypeWords},
			"features":         {doc: "What the model can do. Dify uses nothing that is not listed.", words: featureWords, maxItems: maxModelFeatures},
			"fetch_from":       {doc: "How the model gets into a workspace; predefined-model if it is not given.", words: methodWords},
			"model_properties": {doc: "What the type of model has, such as mode and context_size of a language model.", keys: propertyWords},
			"deprecated":       {doc: "Whether the model should no longer be used, so that Dify does not offer it; false if it is not given."},
			"parameter_rules":  {doc: "What users can set for requests to a language model, such as temperature, at most 128. In Go, each is a field of LLMParameters.", section: SectionModelParameters},
			"pricing":          {doc: "What tokens cost: tokens × price × unit. Dify gets the price of each request by it."},
			"extra":            {doc: extraDoc},
			"meta":             {doc: metaDoc},
		},
		reflect.TypeFor[hostPricing](): {
			"input":    {doc: "The price of the tokens that go in: of a million, if unit is 0.000001."},
			"output":   {doc: "The price of the tokens that come out: of a million, if unit is 0.000001."},
			"unit":     {doc: "The part of a token that the prices are for: 0.000001 if they are for a million tokens."},
			"currency": {doc: "The currency of the prices, such as USD.", required: true},
		},
	}
}

// modelTypeWords are the types of models that the host and Dify's API know.
var modelTypeWords = []Word{
	{"llm", "Language models. In Go, the method LLM calls them."},
	{"text-embedding", "Models that turn text into vectors. In Go, the method Embed calls them."},
	{"rerank", "Models that rank documents by a query. In Go, the method Rerank calls them."},
	{"speech2text", "Models that transcribe speech. In Go, the method Transcribe calls them."},
	{"moderation", "Models that find what is unsafe in text. In Go, the method Moderate calls them."},
	{"tts", "Models that speak text. In Go, the method Speak calls them, and Voices lists their voices."},
}

// featureWords are the features of models that Dify's API knows.
var featureWords = []Word{
	{"tool-call", "A language model can ask for a tool."},
	{"multi-tool-call", "A language model can ask for several tools at once."},
	{"stream-tool-call", "A language model asks for tools in a stream, too."},
	{"agent-thought", "A language model is fit for agents that let it think in words, instead of calling tools."},
	{"vision", "The model takes images. For an embedding or rerank model, the compiler asks for a method that takes them."},
	{"document", "A language model takes documents, such as PDF files."},
	{"video", "A language model takes videos."},
	{"audio", "A language model takes recordings."},
	{"structured-output", "A language model writes JSON that follows a schema, which the call has as JSONSchema."},
	{"polling", "A language model takes long, and Dify asks for the result from time to time. The compiler asks for StartPolling and CheckPolling."},
}

// strategyFeatureWords are the features of strategies that Dify's API knows.
var strategyFeatureWords = []Word{
	{FeatureHistory, "The strategy takes part in a conversation: models have the messages before, if a user switches memory on."},
}

// propertyWords are the keys of model_properties that Dify's API knows.
var propertyWords = []Word{
	{"mode", "Of a language model: chat for one that continues a conversation, completion for one that continues a text."},
	{"context_size", "How many tokens the model can take in, prompt and answer together: a whole number such as 8192."},
	{"max_chunks", "Of an embedding model: how many texts Dify sends at once; 1 if it is not given."},
	{"voices", "Of a text-to-speech model: a list of voices, each with a name that users see, a mode, which is what requests say, and a list of languages, such as en-US."},
	{"default_voice", "Of a text-to-speech model: the mode of the voice that speaks if a user chooses none."},
	{"word_limit", "Of a text-to-speech model: how many characters it can speak at once."},
	{"audio_type", "Of a text-to-speech model: the format of the audio, such as mp3."},
	{"max_workers", "Of a text-to-speech model: how many requests can be made at the same time."},
	{"file_upload_limit", "Of a speech-to-text model: how large a recording can be, in megabytes."},
	{"supported_file_extensions", "Of a speech-to-text model: the formats of recordings, with commas between them, such as mp3,wav."},
	{"max_characters_per_chunk", "Of a moderation model: how many characters it can check at once."},
}

// wholeProperties are the keys of model_properties whose values are whole numbers.
var wholeProperties = []string{"context_size", "max_chunks", "word_limit", "max_workers", "file_upload_limit", "max_characters_per_chunk"}

// modeWords are the modes of language models.
var modeWords = []Word{
	{"chat", "The model continues a conversation."},
	{"completion", "The model continues a text."},
}

// methodWords are the ways in which models get into a workspace.
var methodWords = []Word{
	{predefinedModel, "The provider lists the models. A user enters credentials once."},
	{customizableModel, "A user adds models, each with its own credentials."},
}

// datasourceWords are the types of data source providers.
var datasourceWords = []Word{
	{DatasourceWebsiteCrawl, "Pages of a website, which are crawled. In Go, a data source docs has the method DocsCrawl."},
	{DatasourceOnlineDocument, "Documents of a service, such as a wiki. In Go, a data source docs has the methods DocsPages and DocsPageContent."},
	{DatasourceOnlineDrive, "Files of a drive, in folders. In Go, a data source docs has the methods DocsBrowse and DocsDownload."},
}

// endpointMethodWords are the methods that the host routes.
var endpointMethodWords = []Word{
	{"HEAD", "Requests for what GET would answer, without the body."},
	{"GET", "Requests that change nothing. The endpoint answers HEAD, too."},
	{"POST", "Requests that do something, such as those of webhooks."},
	{"PUT", "Requests that replace something."},
	{"DELETE", "Requests that remove something."},
	{"OPTIONS", "Questions of browsers whether a page of another site may send a request."},
}

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
			"parameters":    {doc: "What a user sets where the event starts a workflow, such as a filter.", section: SectionEventParameters},
			"description":   {doc: "When the event happens.", required: true},
			"output_schema": {doc: "The variables that the event gives to the workflow, as a JSON Schema of an object: {type: object, properties: {sender: {type: string}}}."},
			"extra":         {doc: extraDoc},
			"meta":          {doc: metaDoc},
		},
		reflect.TypeFor[hostDatasourceItem](): {
			"identity":      {doc: "What the data source is called, and how it is shown.", required: true},
			"parameters":    {doc: "What the data source is called with.", section: SectionDatasourceParameters},
			"description":   {doc: "What the data source gives.", required: true},
			"output_schema": {doc: outputDoc},
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
			"path":   {doc: "The path of the requests, such as /ask. <name> in it stands for one part.", required: true},
			"method": {doc: "The method of the requests.", required: true, words: wordsOf(endpointMethods)},
			"hidden": {doc: "Whether Dify does not list the endpoint, which answers all the same; false if it is not given."},
			"extra":  {doc: extraDoc},
			"meta":   {doc: metaDoc},
		},
		reflect.TypeFor[hostStrategy](): {
			"identity":      {doc: "What the strategy is called, and how it is shown.", required: true},
			"description":   {doc: "How the strategy decides.", required: true},
			"parameters":    {doc: "What a user sets where an agent uses the strategy.", section: SectionStrategyParameters},
			"output_schema": {doc: outputDoc},
			"features":      {doc: "What the strategy can do, such as history-messages.", less: maxFeature},
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
			"features":         {doc: "What a language model can do.", words: wordsOf(apiFeatures), maxItems: maxModelFeatures},
			"fetch_from":       {doc: "How the model gets into a workspace; predefined-model if it is not given.", words: methodWords},
			"model_properties": {doc: "What the type of model has, such as mode and context_size of a language model."},
			"deprecated":       {doc: "Whether the model should no longer be used, so that Dify does not offer it; false if it is not given."},
			"parameter_rules":  {doc: "The parameters of requests, such as temperature, at most 128.", section: SectionModelParameters},
			"pricing":          {doc: "What requests cost."},
			"extra":            {doc: extraDoc},
			"meta":             {doc: metaDoc},
		},
		reflect.TypeFor[hostPricing](): {
			"input":    {doc: "The price of what goes in, for as many tokens as unit says."},
			"output":   {doc: "The price of what comes out, for as many tokens as unit says."},
			"unit":     {doc: "The part of a token that the prices are for: 0.000001 if they are for a million tokens."},
			"currency": {doc: "The currency of the prices, such as USD.", required: true},
		},
	}
}

// modelTypeWords are the types of models that the host and Dify's API know.
var modelTypeWords = []Word{
	{"llm", "Language models."},
	{"text-embedding", "Models that turn text into vectors."},
	{"rerank", "Models that rank documents by a query."},
	{"speech2text", "Models that transcribe speech."},
	{"moderation", "Models that find what is unsafe in text."},
	{"tts", "Models that speak text."},
}

// methodWords are the ways in which models get into a workspace.
var methodWords = []Word{
	{predefinedModel, "The provider lists the models. A user enters credentials once."},
	{customizableModel, "A user adds models, each with its own credentials."},
}

// datasourceWords are the types of data source providers.
var datasourceWords = []Word{
	{"website_crawl", "Pages of a website, which are crawled."},
	{"online_document", "Documents of a service, such as a wiki."},
	{"online_drive", "Files of a drive, in folders."},
}

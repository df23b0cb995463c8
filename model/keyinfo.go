package model

import (
	"maps"
	"reflect"
	"sync"
)

// keyInfos has a row for every key of the structs that mirror the host's.
var keyInfos = sync.OnceValue(func() map[reflect.Type]map[string]keyInfo {
	all := make(map[reflect.Type]map[string]keyInfo)
	for _, list := range []keyTable{
		sharedKeys(), manifestKeys(), providerKeys(), moreProviderKeys(), credentialKeys(), parameterKeys(), itemKeys(), modelItemKeys(),
	} {
		maps.Copy(all, list)
	}
	return all
})

// keyTable is a part of keyInfos.
type keyTable map[reflect.Type]map[string]keyInfo

const (
	extraDoc  = "Keys of your own, which Dify ignores."
	metaDoc   = "Keys of your own, which Dify ignores here."
	authorDoc = "Who made it, as in the manifest."
	labelDoc  = "The name that users see."
)

// sharedKeys are those of structs that files of several kinds have.
func sharedKeys() keyTable {
	return keyTable{
		reflect.TypeFor[hostText](): {
			"en_US":   {doc: "The text in English. Dify shows it to users of every language that has no text."},
			"zh_Hans": {doc: "The text in simplified Chinese; in English if it is not given."},
			"ja_JP":   {doc: "The text in Japanese; in English if it is not given."},
			"pt_BR":   {doc: "The text in Brazilian Portuguese; in English if it is not given."},
		},
		reflect.TypeFor[hostIdentity]():           identityKeys("The icon on dark backgrounds, a file below _assets; the same as icon if it is not given."),
		reflect.TypeFor[hostDatasourceProvider](): identityKeys("The icon on dark backgrounds. Dify does not use it for data sources."),
		reflect.TypeFor[hostOAuth](): {
			"client_schema":      {doc: "What an administrator enters about the client that is registered with the service, such as client_id and client_secret.", section: SectionOAuthClient},
			"credentials_schema": {doc: "What the service returns when a user allows access, such as access_token and refresh_token. Dify encrypts only what is declared here as a secret-input.", section: SectionOAuthCredentials},
		},
		reflect.TypeFor[hostItemName](): {
			"author": {doc: authorDoc, required: true},
			"name":   {doc: "The name by which Dify addresses it. Go methods and types are named after it.", required: true},
			"label":  {doc: labelDoc, required: true},
		},
		reflect.TypeFor[hostItemIdentity](): {
			"name":        {doc: "The name by which Dify addresses it: letters, digits, _ and -. Go methods and types are named after it.", required: true, match: &namePattern},
			"description": {doc: "Dify ignores it. The description stands outside of identity."},
			"icon":        {doc: "Dify ignores it, and shows the icon of the provider."},
			"icon_dark":   {doc: "Dify ignores it, and shows the icon of the provider."},
			"tags":        {doc: "Dify ignores them, and uses the tags of the provider."},
		},
	}
}

// identityKeys are those of the identity of a provider.
func identityKeys(iconDark string) map[string]keyInfo {
	return map[string]keyInfo{
		"author":      {doc: authorDoc, required: true},
		"name":        {doc: "The name by which Dify addresses the provider: letters, digits, _ and -. Go packages and types are named after it.", required: true, match: &namePattern},
		"description": {doc: "What the provider offers, in a sentence.", required: true},
		"icon":        {doc: "The icon: a file below the folder _assets, named from there.", required: true},
		"icon_dark":   {doc: iconDark},
		"label":       {doc: labelDoc, required: true},
		"tags":        {doc: "The categories under which the marketplace lists the provider.", words: wordsOf(pluginTags)},
	}
}

// manifestKeys are those of a manifest.
func manifestKeys() keyTable {
	return keyTable{
		reflect.TypeFor[hostManifest](): {
			"version":     {doc: "The version of the plugin, such as 0.1.0. Raise it for each release.", required: true, match: &versionPattern},
			"type":        {doc: "Always plugin.", required: true, words: []Word{{"plugin", "A plugin."}}},
			"author":      {doc: "Who publishes the plugin, as on the marketplace: 1 to 64 lowercase letters, digits, _ and -.", required: true, match: &authorPattern},
			"name":        {doc: "The name of the plugin: 1 to 128 lowercase letters, digits, _ and -. AUTHOR/NAME is how Dify knows it.", required: true, match: &pluginPattern},
			"label":       {doc: labelDoc, required: true},
			"description": {doc: "What the plugin does, in a sentence that the marketplace shows.", required: true},
			"icon":        {doc: "The icon: a file below the folder _assets, named from there.", required: true, less: maxPath + 1},
			"icon_dark":   {doc: "The icon on dark backgrounds, a file below _assets; the same as icon if it is not given.", less: maxPath + 1},
			"resource":    {doc: "What the plugin needs to run.", required: true},
			"plugins":     {doc: "The files of the plugin's providers, by kind. Only tools and endpoints can share a plugin.", required: true},
			"meta":        {doc: "How the host runs the plugin.", required: true},
			"tags":        {doc: "The categories under which the marketplace lists the plugin.", words: wordsOf(pluginTags)},
			"created_at":  {doc: "When the plugin was made: 2026-01-31T12:00:00Z.", required: true},
			"privacy":     {doc: "The privacy policy: an address, or a file of the plugin such as PRIVACY.md. The marketplace requires one."},
			"repo":        {doc: "The address of the plugin's source code.", match: &linkPattern},
			"verified":    {doc: "Whether the marketplace has checked the plugin. The host finds that out for itself."},
			"extra":       {doc: extraDoc},
		},
		reflect.TypeFor[hostResource](): {
			"memory":     {doc: "The memory that the plugin may use, in bytes, such as 268435456.", required: true, min: number(1)},
			"permission": {doc: "What the plugin may ask Dify for. Without a permission, Dify refuses the call, and the generated code has nothing to call."},
		},
		reflect.TypeFor[hostPermission](): {
			"tool":     {doc: "Whether the plugin may call tools of the workspace."},
			"model":    {doc: "Whether, and which, models of the workspace the plugin may call."},
			"node":     {doc: "Whether the plugin may run single nodes of workflows."},
			"endpoint": {doc: "Whether users can set up the plugin's endpoints."},
			"app":      {doc: "Whether the plugin may call apps of the workspace."},
			"storage":  {doc: "Whether, and how much, the plugin may store in Dify."},
		},
		reflect.TypeFor[hostEnabled](): {
			"enabled": {doc: "Whether it is permitted; false if it is not given."},
		},
		reflect.TypeFor[hostModelPermission](): {
			"enabled":        {doc: "Whether models may be called at all; false if it is not given."},
			"llm":            {doc: "Whether language models may be called; false if it is not given."},
			"text_embedding": {doc: "Whether models for embeddings may be called; false if it is not given."},
			"rerank":         {doc: "Whether models that rank documents may be called; false if it is not given."},
			"tts":            {doc: "Whether models that speak may be called; false if it is not given."},
			"speech2text":    {doc: "Whether models that transcribe may be called; false if it is not given."},
			"moderation":     {doc: "Whether models that moderate may be called; false if it is not given."},
		},
		reflect.TypeFor[hostStoragePermission](): {
			"enabled": {doc: "Whether the plugin may store values; false if it is not given."},
			"size":    {doc: "How many bytes the plugin may store in a workspace, from 1024 to 1073741824. Dify gives 104857600 at most, unless its operator says otherwise.", required: true, min: number(minStorage), max: number(maxStorage)},
		},
		reflect.TypeFor[hostPlugins](): {
			"tools":            {doc: "The files of tool providers, such as provider/github.yaml. Dify uses one.", less: maxPath + 1, maxItems: 1},
			"models":           {doc: "The files of model providers. Dify uses one, and it must be the only provider of the plugin.", less: maxPath + 1, maxItems: 1},
			"endpoints":        {doc: "The files of groups of endpoints. Dify uses one.", less: maxPath + 1, maxItems: 1},
			"agent_strategies": {doc: "The files of providers of agent strategies. Dify uses one, and it must be the only provider of the plugin.", less: maxPath + 1, maxItems: 1},
			"datasources":      {doc: "The files of data source providers. Dify uses one, and it must be the only provider of the plugin.", less: maxPath + 1, maxItems: 1},
			"triggers":         {doc: "The files of trigger providers. Dify uses one, and it must be the only provider of the plugin.", less: maxPath + 1, maxItems: 1},
		},
		reflect.TypeFor[hostMeta](): {
			"version":              {doc: "The version of the manifest's format: 0.0.1.", required: true, match: &versionPattern},
			"arch":                 {doc: "The architectures that the plugin runs on.", required: true, words: wordsOf(archs)},
			"runner":               {doc: "What starts the plugin.", required: true},
			"minimum_dify_version": {doc: "The oldest version of Dify that the plugin works with; any if it is not given."},
		},
		reflect.TypeFor[hostRunner](): {
			"language":   {doc: "Always python, also for a plugin in Go, which a small Python program starts.", required: true, words: []Word{{"python", "The only language that the host knows."}}},
			"version":    {doc: "The version of Python, such as \"3.12\".", required: true, less: maxRunnerVersion + 1},
			"entrypoint": {doc: "The Python module that the host runs: main.", required: true, less: maxEntrypoint + 1},
		},
	}
}

// providerKeys are those of providers of tools and models.
func providerKeys() keyTable {
	return keyTable{
		reflect.TypeFor[hostTool](): {
			"identity":                 {doc: "What the provider is called, and how it is shown.", required: true},
			"credentials_for_provider": {doc: "What a user enters to connect the service, such as an API key: fields by name. The struct Credentials has them.", section: SectionCredentials},
			"credentials_schema":       {doc: "As credentials_for_provider, which Dify ignores if both have fields.", section: SectionCredentials},
			"oauth_schema":             {doc: "What is needed for a user to connect the service with OAuth instead of a key."},
			"tools":                    {doc: "The files of the tools, such as tools/list_issues.yaml, from the plugin's folder.", items: true},
			"extra":                    {doc: extraDoc},
			"meta":                     {doc: metaDoc},
		},
		reflect.TypeFor[hostModel](): {
			"provider":                   {doc: "The name by which Dify addresses the provider.", required: true, less: maxProvider},
			"label":                      {doc: labelDoc, required: true},
			"description":                {doc: "What the provider offers, in a sentence."},
			"icon_small":                 {doc: "The icon in lists, for each language: a file below the folder _assets."},
			"icon_large":                 {doc: "The icon with the name of the provider, for each language: a file below the folder _assets."},
			"icon_small_dark":            {doc: "The icon in lists on dark backgrounds; the same as icon_small if it is not given."},
			"icon_large_dark":            {doc: "The large icon on dark backgrounds; the same as icon_large if it is not given."},
			"background":                 {doc: "The color behind the icon, such as \"#E5E7EB\"."},
			"help":                       {doc: "Where a user gets a key: a link under the form of credentials."},
			"supported_model_types":      {doc: "The types of the provider's models.", required: true, words: modelTypeWords, maxItems: maxListed},
			"configurate_methods":        {doc: "How models get into a workspace.", required: true, words: methodWords, maxItems: maxListed},
			"models":                     {doc: "The files of the predefined models, by type.", items: true},
			"model_declarations":         {doc: "Dify does not use it."},
			"position":                   {doc: "The order of models. Dify takes it from the files under models."},
			"provider_credential_schema": {doc: "The form for the credentials of the provider, which all predefined models share."},
			"model_credential_schema":    {doc: "The form for the credentials of one model that a user adds."},
			"extra":                      {doc: extraDoc},
			"meta":                       {doc: metaDoc},
		},
		reflect.TypeFor[hostPosition](): {
			"llm":            {doc: "The names of language models, in order."},
			"text_embedding": {doc: "The names of models for embeddings, in order."},
			"rerank":         {doc: "The names of models that rank documents, in order."},
			"tts":            {doc: "The names of models that speak, in order."},
			"speech2text":    {doc: "The names of models that transcribe, in order."},
			"moderation":     {doc: "The names of models that moderate, in order."},
		},
		reflect.TypeFor[hostHelp](): {
			"title": {doc: "The text of the link.", required: true},
			"url":   {doc: "The address of the link, for each language.", required: true},
		},
		reflect.TypeFor[hostProviderForm](): {
			"credential_form_schemas": {doc: "The fields of the form, at most 32.", section: SectionProviderCredentials},
		},
		reflect.TypeFor[hostModelForm](): {
			"model":                   {doc: "How the form asks for the name of the model.", required: true},
			"credential_form_schemas": {doc: "The fields of the form, at most 32. Conditions of show_on can ask for __model_type.", section: SectionModelCredentials},
		},
		reflect.TypeFor[hostFormModel](): {
			"label":       {doc: "The label of the model's name.", required: true},
			"placeholder": {doc: "What the empty box for the name shows."},
		},
	}
}

// moreProviderKeys are those of providers of other kinds.
func moreProviderKeys() keyTable {
	return keyTable{
		reflect.TypeFor[hostEndpoint](): {
			"settings":              {doc: "What a user sets when they set up the endpoints. The struct Settings has them.", section: SectionSettings},
			"endpoints":             {doc: "The files of the endpoints, such as endpoints/ask.yaml, from the plugin's folder.", items: true},
			"endpoint_declarations": {doc: "Dify does not use it."},
			"extra":                 {doc: extraDoc},
		},
		reflect.TypeFor[hostAgentStrategy](): {
			"identity":   {doc: "What the provider is called, and how it is shown.", required: true},
			"strategies": {doc: "The files of the strategies, such as strategies/function_calling.yaml, from the plugin's folder. In Go, each is a method.", items: true},
			"extra":      {doc: extraDoc},
			"meta":       {doc: metaDoc},
		},
		reflect.TypeFor[hostDatasource](): {
			"identity":           {doc: "What the provider is called, and how it is shown.", required: true},
			"provider_type":      {doc: "What the data sources give, which decides the methods that the compiler asks for.", required: true, words: datasourceWords},
			"credentials_schema": {doc: "What a user enters to connect the service, such as an API key: a list of fields, or a map of them by name. The struct Credentials has them.", section: SectionCredentials},
			"oauth_schema":       {doc: "What is needed for a user to connect the service with OAuth instead of a key."},
			"datasources":        {doc: "The files of the data sources, such as datasources/pages.yaml, from the plugin's folder.", items: true},
			"extra":              {doc: extraDoc},
			"meta":               {doc: metaDoc},
		},
		reflect.TypeFor[hostTrigger](): {
			"identity":                 {doc: "What the provider is called, and how it is shown.", required: true},
			"subscription_schema":      {doc: "What a subscription consists of, which a user can also enter by hand: a list of fields, or a map of them by name. The struct SubscriptionProperties has them.", section: SectionSubscription},
			"subscription_constructor": {doc: "What is needed for the plugin to subscribe by itself. Without it, users enter what subscription_schema asks for.", as: reflect.TypeFor[hostConstructor]()},
			"events":                   {doc: "The files of the events, such as events/push.yaml, from the plugin's folder. In Go, each is a method, and Dispatch names those that a webhook stands for.", items: true},
			"extra":                    {doc: extraDoc},
			"meta":                     {doc: metaDoc},
		},
		reflect.TypeFor[hostConstructor](): {
			"parameters":         {doc: "What a user chooses for a subscription, such as a repository. The struct SubscriptionParameters has them.", section: SectionParameters, listOnly: true},
			"credentials_schema": {doc: "What a user enters to connect the service, such as an API key: a list of fields, or a map of them by name. The struct Credentials has them.", section: SectionCredentials},
			"oauth_schema":       {doc: "What is needed for a user to connect the service with OAuth instead of a key.", as: reflect.TypeFor[hostOAuth]()},
			"extra":              {doc: extraDoc},
		},
	}
}

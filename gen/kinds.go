package gen

import "github.com/difygen/difygen/model"

// kind is what is particular to the code for a kind of provider.
type kind struct {
	word string // in Go names of providers
	// runtimeName is the X in the runtime's NewX, which makes the adapter from an XConfig.
	runtimeName string
	adapter     string // the adapter's type in the runtime
	constructor func(*plan) constructor
	// called is what Dify calls with credentials of several types; empty if they have one.
	called string
	// isUntyped: calls do not tell the type of their credentials.
	isUntyped bool
	// isOpen: calls may have no credentials.
	isOpen bool
	// items is the contract whose methods run the items, with credentials and parameters; nil if
	// there is none. It is needed where there are items or, if asks is not nil, where asks says so.
	items *contract
	asks  func(*Source) bool
	// section makes a section of what the provider declares, for the methods that run the items;
	// nil if there is none.
	section func(*planner) *model.Section
	// plan plans the code of the items, and claims the names of the author's methods; nil if there
	// is no such code.
	plan func(*planner, *plan)
	// callsBack: the plugin can ask something of Dify while it serves a request.
	callsBack bool
	// isWholeOnly: there is no code for credentials alone, since there are none.
	isWholeOnly bool
	// adaptsAlone: there is an adapter even if the author has no methods.
	adaptsAlone bool
	// isNamedByFile is for providers without a name in the YAML.
	isNamedByFile bool
}

// newName is what follows New in the function that makes the adapter; empty for the author's
// type.
func (k kind) newName(prefix string) string {
	if k.isNamedByFile {
		return prefix + k.runtimeName
	}
	return ""
}

// kinds are the kinds of provider that code is generated for.
var kinds = map[model.Kind]kind{
	model.KindTool: {word: "Tool", runtimeName: "Tool", adapter: "Provider", constructor: (*plan).providerConstructor, called: "a tool", items: toolsContract, plan: (*planner).planTools, callsBack: true},
	model.KindModel: {
		word: "Model", runtimeName: "Model", adapter: "ModelProvider", constructor: (*plan).providerConstructor, items: modelsContract, asks: asksForModels,
		section: (*planner).callCredentials, plan: (*planner).planModels,
	},
	model.KindDatasource: {
		word: "Datasource", runtimeName: "Datasource", adapter: "Provider", constructor: (*plan).providerConstructor, called: "a data source", isUntyped: true,
		items: datasourcesContract, asks: asksForDatasources, plan: (*planner).planDatasources, callsBack: true,
	},
	model.KindTrigger: {
		word: "Trigger", runtimeName: "Trigger", adapter: "TriggerProvider", constructor: (*plan).providerConstructor, called: "a trigger", isOpen: true,
		items: eventsContract, asks: func(*Source) bool { return true }, plan: (*planner).planEvents, callsBack: true,
	},
	model.KindAgentStrategy: {
		word: "AgentStrategy", runtimeName: "AgentStrategies", adapter: "Adapter", constructor: (*plan).providerConstructor,
		items: strategiesContract, plan: (*planner).planStrategies, callsBack: true, isWholeOnly: true,
	},
	model.KindEndpoint: {
		word: "Endpoint", runtimeName: "Endpoints", adapter: "Endpoints", constructor: (*plan).endpointsConstructor,
		items: endpointsContract, plan: (*planner).planEndpoints, adaptsAlone: true, isNamedByFile: true, callsBack: true,
	},
}

// constructor is the function that makes the adapter of a provider.
type constructor struct {
	about  string // what its comment says after its name
	param  param  // what the author passes
	start  []code // what the function does first
	config code   // the type that the runtime makes the adapter from
	fields []code // of config
}

// sectionKind is what is particular to the code for a section.
type sectionKind struct {
	base     string // the Go type, without prefix
	about    string // what the comment says after the type, with the provider's label
	variable string // the name of the struct in decoding
	// contract is the interface that the author must implement because of this section;
	// nil for none.
	contract *contract
	// returnedBy is the contract whose methods return the values, which are then checked.
	returnedBy *contract
	// check is the method of the author that checks the values; nil if there is none.
	check *check
	// credentialTypes returns the credential types of calls that the values authorize; nil
	// if they do not authorize calls.
	credentialTypes func() []code
	// evenEmpty: the section gets a struct even without fields.
	evenEmpty bool
	// companion is another section; if it gets a struct, so does this one, even without
	// fields.
	companion model.SectionName
	// takesLists: a field can take several values.
	takesLists bool
	// takesAny: a field of a type without shapes takes any value.
	takesAny bool
	// isCall: the values come with one call, and are not stored.
	isCall bool
	// isAgent: models and tools come with what an agent needs to know of them.
	isAgent bool
	// hasExtra: the struct also has the field Extra.
	hasExtra bool
	// convertsTo is the section of which a method makes the values, if there is one; else "".
	convertsTo model.SectionName
	// mergedNote is what the comment of the struct says in addition if it is made of two forms.
	mergedNote string
	// hasDrafts: in a whole plugin, values can be incomplete.
	hasDrafts bool
	// handler is the contract that handles the values in a whole plugin, even if there are
	// none; nil if there is none.
	handler *contract
}

// check is a method of the author that checks credentials.
type check struct {
	method string
	bind   string // the function of the runtime that binds it
	about  string // what follows "if creds work" in its comment
	params func() []param
}

// sectionKinds are the sections of all kinds of provider.
var sectionKinds = map[model.SectionName]sectionKind{
	model.SectionCredentials: {
		base: "Credentials", about: "are what a user enters to connect %s", variable: "creds", contract: credentialsValidator,
		check:           &check{method: "ValidateCredentials", bind: "BindCredentials"},
		credentialTypes: func() []code { return []code{rt("CredentialTypeAPIKey"), lit("")} },
	},
	model.SectionOAuthClient: {
		base: "OAuthClient", about: "is the OAuth client that an administrator registered with %s", variable: "client",
		contract: oauthFlow, companion: model.SectionOAuthCredentials,
	},
	model.SectionOAuthCredentials: {
		base: "OAuthCredentials", about: "are what the OAuth flow of %s yields and Dify stores", variable: "creds",
		contract: oauthFlow, returnedBy: oauthFlow, companion: model.SectionOAuthClient,
		credentialTypes: func() []code { return []code{rt("CredentialTypeOAuth2")} },
	},
	model.SectionProviderCredentials: {
		base: "ProviderCredentials", about: "are what a user enters to connect %s", variable: "creds", contract: credentialsValidator,
		check:      &check{method: "ValidateProviderCredentials", bind: "BindProviderCredentials", about: " for the provider as a whole"},
		convertsTo: model.SectionCallCredentials,
	},
	model.SectionModelCredentials: {
		base: "ModelCredentials", about: "are what a user enters to connect a model of %s", variable: "creds", contract: credentialsValidator,
		check: &check{
			method: "ValidateModelCredentials", bind: "BindModelCredentials", about: " for the model of that type and name",
			params: func() []param { return []param{{"modelType", rt("ModelType")}, {"model", id("string")}} },
		},
		convertsTo: model.SectionCallCredentials,
	},
	model.SectionCallCredentials: {
		base: "Credentials", about: "are what calls of models of %s get", variable: "creds", evenEmpty: true,
		mergedNote: "Dify sends what a user entered for the model or, without that, for the provider. Only what both forms require is required.",
	},
	model.SectionSubscription: {
		base: "SubscriptionProperties", about: "are the properties of a subscription to events of %s", variable: "properties",
		returnedBy: subscriptionConstructor, companion: model.SectionParameters, takesAny: true, handler: eventsContract, hasDrafts: true,
	},
	model.SectionParameters: {
		base: "SubscriptionParameters", about: "are what a user chooses for a subscription to events of %s", variable: "params",
		contract: subscriptionConstructor, returnedBy: subscriptionConstructor, evenEmpty: true, takesLists: true, hasDrafts: true,
	},
	model.SectionSettings: {
		base: "Settings", about: "are what a user enters to set up an endpoint of %s", variable: "settings", handler: endpointsContract,
	},
	model.SectionToolParameters:       {about: "are the parameters of the tool %s", variable: "params", takesLists: true, isCall: true},
	model.SectionDatasourceParameters: {about: "are the parameters of the data source %s", variable: "params", isCall: true},
	model.SectionEventParameters:      {about: "are the parameters of the event %s", variable: "params", takesLists: true, isCall: true},
	model.SectionStrategyParameters:   {about: "are the parameters of the agent strategy %s", variable: "params", isCall: true, isAgent: true},
}

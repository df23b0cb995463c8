package gen

import "github.com/difygen/difygen/model"

// kind is what is particular to the code for a kind of provider.
type kind struct {
	word string // in Go names of providers
	// runtimeName is the X in the runtime's NewX, which makes the adapter from an XConfig.
	runtimeName string
	adapter     string // the adapter's type in the runtime
	constructor func(*plan) constructor
	// handled is the section whose values go to a handler of the author; empty if the
	// author implements contracts instead.
	handled model.SectionName
	// called is what Dify calls with credentials of several types; empty if calls do not
	// tell the type.
	called string
	// isNamedByFile is for providers without a name in the YAML.
	isNamedByFile bool
}

// kinds are the kinds of provider that code is generated for.
var kinds = map[model.Kind]kind{
	model.KindTool:       {word: "Tool", runtimeName: "Tool", adapter: "Provider", constructor: (*plan).providerConstructor, called: "a tool"},
	model.KindModel:      {word: "Model", runtimeName: "Model", adapter: "ModelProvider", constructor: (*plan).providerConstructor},
	model.KindDatasource: {word: "Datasource", runtimeName: "Datasource", adapter: "Provider", constructor: (*plan).providerConstructor},
	model.KindTrigger: {
		word: "Trigger", runtimeName: "Trigger", adapter: "TriggerProvider", constructor: (*plan).providerConstructor, called: "a trigger",
	},
	model.KindEndpoint: {
		word: "Endpoint", runtimeName: "Endpoints", adapter: "Endpoints", constructor: (*plan).endpointsConstructor,
		handled: model.SectionSettings, isNamedByFile: true,
	},
}

// constructor is the function that makes the adapter of a provider.
type constructor struct {
	about  string // what its comment says after its name
	param  param  // what the author passes
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
}

// contract is an interface that the author's type must satisfy.
type contract struct {
	base    string // its Go name without prefix
	about   string // what the comment says after the name, with the provider's label
	methods func(*plan) []contractMethod
	// bind returns the fields of the runtime's XConfig for the contract. methods is the
	// author's value, as the interface.
	bind func(p *plan, methods code) []code
	// isStubbed: the stub has the methods.
	isStubbed bool
}

// contractMethod is a method of a contract.
type contractMethod struct {
	about     []string // its comment
	name      string
	signature signature
}

var (
	credentialsValidator = &contract{
		base: "CredentialsValidator", about: "checks what a user entered to connect %s.",
		methods: (*plan).checkMethods, bind: (*plan).bindChecks, isStubbed: true,
	}
	oauthFlow = &contract{
		base: "OAuthFlow", about: "is the OAuth 2.0 authorization code grant (RFC 6749, section 4.1) of %s.",
		methods: (*plan).flowMethods, bind: (*plan).bindFlow,
	}
	subscriptionConstructor = &contract{
		base: "SubscriptionConstructor", about: "makes subscriptions to the events of %s.",
		methods: (*plan).subscriptionMethods, bind: (*plan).bindSubscriptions,
	}
)

// contracts are all contracts, in the order of the generated code.
var contracts = []*contract{credentialsValidator, oauthFlow, subscriptionConstructor}

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
		check: &check{method: "ValidateProviderCredentials", bind: "BindProviderCredentials", about: " for the provider as a whole"},
	},
	model.SectionModelCredentials: {
		base: "ModelCredentials", about: "are what a user enters to connect a model of %s", variable: "creds", contract: credentialsValidator,
		check: &check{
			method: "ValidateModelCredentials", bind: "BindModelCredentials", about: " for the model of that type and name",
			params: func() []param { return []param{{"modelType", rt("ModelType")}, {"model", id("string")}} },
		},
	},
	model.SectionSubscription: {
		base: "SubscriptionProperties", about: "are the properties of a subscription to events of %s", variable: "properties",
		returnedBy: subscriptionConstructor, companion: model.SectionParameters, takesAny: true,
	},
	model.SectionParameters: {
		base: "SubscriptionParameters", about: "are what a user chooses for a subscription to events of %s", variable: "params",
		contract: subscriptionConstructor, returnedBy: subscriptionConstructor, evenEmpty: true, takesLists: true,
	},
	model.SectionSettings: {
		base: "Settings", about: "are what a user enters to set up an endpoint of %s", variable: "settings",
	},
}

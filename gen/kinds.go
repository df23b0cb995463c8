package gen

import "github.com/difygen/difygen/model"

// kind is what the code for a kind of provider has of its own.
type kind struct {
	word        string // in Go names
	constructor string // the function of the runtime that returns the adapter
	adapter     string // the type of the runtime that it returns
	// called is what Dify calls with credentials that come in several types; empty
	// if calls do not say the type.
	called string
	// isNamedByFile says that a provider has no name of its own in the YAML.
	isNamedByFile bool
}

// kinds has an entry for every kind of provider that code is generated for.
var kinds = map[model.Kind]kind{
	model.KindTool:       {word: "Tool", constructor: "NewTool", adapter: "Provider", called: "a tool"},
	model.KindModel:      {word: "Model", constructor: "NewModel", adapter: "ModelProvider"},
	model.KindDatasource: {word: "Datasource", constructor: "NewDatasource", adapter: "Provider"},
	model.KindTrigger:    {word: "Trigger", constructor: "NewTrigger", adapter: "TriggerProvider", called: "a trigger"},
	model.KindEndpoint:   {word: "Endpoint", constructor: "NewEndpoints", adapter: "Endpoints", isNamedByFile: true},
}

// sectionKind is what the code for a section of a provider's YAML has of its own.
type sectionKind struct {
	base     string // the Go type, without prefix
	about    string // what the comment says after the type, with the provider's label
	variable string // what decoding calls the struct
	// contract is the interface of the author that works with the values, if the
	// section makes one necessary.
	contract contract
	// check is the method of the author that checks the values; nil if there is none.
	check *check
	// credentialTypes are the expressions for the types of credentials that the values
	// are in calls; none if they do not authorize calls.
	credentialTypes func() []code
	// evenEmpty says that the section gets a struct even if it has no fields.
	evenEmpty bool
	// companion is the section that this one goes with: if that one gets a struct, so
	// does this one, even if it has no fields.
	companion model.SectionName
	// isForm says that fields can have conditions.
	isForm bool
	// knowsModelType says that conditions can ask for the type of the model.
	knowsModelType bool
}

// contract is an interface that the author's type must satisfy.
type contract string

// The contracts, by their Go names without prefix.
const (
	credentialsValidator    contract = "CredentialsValidator"
	oauthFlow               contract = "OAuthFlow"
	subscriptionConstructor contract = "SubscriptionConstructor"
)

// check is a method of the author that checks credentials.
type check struct {
	method string
	bind   string // the function of the runtime that binds it
	about  string // what follows "if creds work" in its comment
	params func() []param
}

// sectionKinds has an entry for every section.
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
		contract: oauthFlow, companion: model.SectionOAuthClient,
		credentialTypes: func() []code { return []code{rt("CredentialTypeOAuth2")} },
	},
	model.SectionProviderCredentials: {
		base: "ProviderCredentials", about: "are what a user enters to connect %s", variable: "creds", contract: credentialsValidator,
		check:  &check{method: "ValidateProviderCredentials", bind: "BindProviderCredentials", about: " for the provider as a whole"},
		isForm: true,
	},
	model.SectionModelCredentials: {
		base: "ModelCredentials", about: "are what a user enters to connect a model of %s", variable: "creds", contract: credentialsValidator,
		check: &check{
			method: "ValidateModelCredentials", bind: "BindModelCredentials", about: " for the model of that type and name",
			params: func() []param { return []param{{"modelType", rt("ModelType")}, {"model", id("string")}} },
		},
		isForm: true, knowsModelType: true,
	},
	model.SectionSubscription: {
		base: "SubscriptionProperties", about: "are what is known of a subscription to events of %s", variable: "properties",
		companion: model.SectionParameters,
	},
	model.SectionParameters: {
		base: "SubscriptionParameters", about: "are what a user chooses for a subscription to events of %s", variable: "params",
		contract: subscriptionConstructor, evenEmpty: true,
	},
	model.SectionSettings: {
		base: "Settings", about: "are what a user enters to set up an endpoint of %s", variable: "settings",
	},
}

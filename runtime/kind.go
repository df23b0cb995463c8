package runtime

// Kind is the kind of a provider, in Dify's words.
type Kind string

// kindErrors are the types of the errors of each kind of provider. A type is "" if the
// providers have no credentials or no OAuth flow.
var kindErrors = map[Kind]struct{ credentials, oauth ErrorType }{
	KindTool:       {ErrorToolCredentials, ErrorToolOAuth},
	KindModel:      {credentials: ErrorModelCredentials},
	KindDatasource: {ErrorDatasourceCredentials, ErrorDatasourceOAuth},
	KindTrigger:    {ErrorTriggerCredentials, ErrorTriggerOAuth},
}

// CredentialsError returns the type of an error in checking the credentials for a provider
// of this kind. It is "" if such providers have no credentials.
func (k Kind) CredentialsError() ErrorType { return kindErrors[k].credentials }

// OAuthError returns the type of an error in the OAuth flow of a provider of this kind.
// It is "" if such providers have no OAuth flow.
func (k Kind) OAuthError() ErrorType { return kindErrors[k].oauth }

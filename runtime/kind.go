package runtime

// Kind is the kind of a provider, in Dify's words.
type Kind string

// kindErrors are the types of the errors that providers of a kind return. A kind whose
// providers have no credentials, or no OAuth flow, lacks that type.
var kindErrors = map[Kind]struct{ credentials, oauth ErrorType }{
	KindTool:       {ErrorToolCredentials, ErrorToolOAuth},
	KindModel:      {credentials: ErrorModelCredentials},
	KindDatasource: {ErrorDatasourceCredentials, ErrorDatasourceOAuth},
	KindTrigger:    {ErrorTriggerCredentials, ErrorTriggerOAuth},
}

// CredentialsError returns the type of an error in checking credentials of a provider of
// this kind. It is "" if such providers have no credentials.
func (k Kind) CredentialsError() ErrorType { return kindErrors[k].credentials }

// OAuthError returns the type of an error in the OAuth flow of a provider of this kind.
// It is "" if such providers have no OAuth flow.
func (k Kind) OAuthError() ErrorType { return kindErrors[k].oauth }

package runtime

import "context"

// KindDatasource is the kind of a data source provider.
const KindDatasource Kind = "datasource"

// The types of errors of a data source provider.
const (
	ErrorDatasourceCredentials ErrorType = "DatasourceCredentialValidationError"
	ErrorDatasourceOAuth       ErrorType = "DatasourceOAuthError"
)

// DatasourceConfig configures the adapter of a data source provider. Leave out what the
// provider does not declare.
type DatasourceConfig struct {
	Name                string // by which Dify addresses the provider
	ValidateCredentials func(ctx context.Context, values map[string]any) error
	OAuth               OAuth
	Fields              *Fields
}

// NewDatasource returns the adapter of a data source provider.
func NewDatasource(c DatasourceConfig) Provider {
	return newProvider(KindDatasource, c.Name, c.Fields, c.ValidateCredentials, c.OAuth)
}

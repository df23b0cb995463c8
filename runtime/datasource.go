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
	Actions             []DatasourceAction
	Fields              *Fields
}

// DatasourceAction is what Dify can ask of a data source, and the code that answers it. The
// package datasource makes them.
type DatasourceAction struct {
	Datasource string // by which Dify addresses the data source
	Name       string // such as "invoke_online_drive_browse_files"
	Serve      DatasourceHandler
}

// DatasourceHandler answers a request to a data source. If the result is nil, it has sent its results
// with the Stream of the request.
type DatasourceHandler func(ctx context.Context, req *DatasourceRequest) (result any, err error)

// DatasourceRequest is a request to a data source as it is on the wire.
type DatasourceRequest struct {
	*Request

	CredentialType CredentialType // mostly "": Dify does not say it
	Credentials    map[string]any
}

// DecodeDatasourceCredentials returns the credentials of a request. Its error has the type that Dify
// expects.
func DecodeDatasourceCredentials[C any](req *DatasourceRequest, decode func(CredentialType, map[string]any) (C, error)) (C, error) {
	creds, err := decode(req.CredentialType, req.Credentials)
	return creds, typed(ErrorDatasourceCredentials, err)
}

// NewDatasource returns the adapter of a data source provider.
func NewDatasource(c DatasourceConfig) Provider {
	return &datasourceProvider{newProvider(KindDatasource, c.Name, c.Fields, c.ValidateCredentials, c.OAuth), c.Actions}
}

type datasourceProvider struct {
	*provider
	actions []DatasourceAction
}

// Routes returns the check of credentials, the OAuth flow and what the data sources offer.
func (p *datasourceProvider) Routes() []Route {
	routes := p.provider.Routes()
	for _, a := range p.actions {
		routes = append(routes, route("datasource", a.Name, p.name, ErrorInvoke, p.fields, a.serve).with("datasource", a.Datasource))
	}
	return routes
}

func (a *DatasourceAction) serve(ctx context.Context, req *Request) (any, error) {
	r := req.Read()
	request := &DatasourceRequest{Request: req, CredentialType: CredentialType(r.Text("credential_type")), Credentials: r.Object("credentials")}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return a.Serve(ctx, request)
}

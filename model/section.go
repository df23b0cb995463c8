package model

import "slices"

// SectionName names a section regardless of where the YAML of a kind has it.
type SectionName string

// The sections of providers and items of all kinds.
const (
	SectionCredentials          SectionName = "credentials"
	SectionOAuthClient          SectionName = "oauth_client"
	SectionOAuthCredentials     SectionName = "oauth_credentials"
	SectionProviderCredentials  SectionName = "provider_credentials"
	SectionModelCredentials     SectionName = "model_credentials"
	SectionCallCredentials      SectionName = "call_credentials" // of both forms; see CallCredentials
	SectionSubscription         SectionName = "subscription"
	SectionParameters           SectionName = "parameters"
	SectionSettings             SectionName = "settings"
	SectionToolParameters       SectionName = "tool_parameters"
	SectionModelParameters      SectionName = "model_parameters"
	SectionStrategyParameters   SectionName = "strategy_parameters"
	SectionDatasourceParameters SectionName = "datasource_parameters"
	SectionEventParameters      SectionName = "event_parameters"
)

// sectionInfo is what this package knows about a section.
type sectionInfo struct {
	name  SectionName
	rules *sectionRules
	// hasModelType means that conditions can ask for the type of the model.
	hasModelType bool
}

// sections has a row for every section.
var sections = []sectionInfo{
	{name: SectionCredentials, rules: &credentialRules},
	{name: SectionOAuthClient, rules: &credentialRules},
	{name: SectionOAuthCredentials, rules: &credentialRules},
	{name: SectionProviderCredentials, rules: &formRules},
	{name: SectionModelCredentials, rules: &formRules, hasModelType: true},
	{name: SectionCallCredentials, rules: &formRules, hasModelType: true},
	{name: SectionSubscription, rules: &subscriptionRules},
	{name: SectionParameters, rules: &parameterRules},
	{name: SectionSettings, rules: &credentialRules},
	{name: SectionToolParameters, rules: &toolRules},
	{name: SectionModelParameters, rules: &modelRules},
	{name: SectionStrategyParameters, rules: &strategyRules},
	{name: SectionDatasourceParameters, rules: &datasourceRules},
	{name: SectionEventParameters, rules: &parameterRules},
}

// info returns the row of the table for s. A name that is not in the table has the rules
// of credentials.
func (s SectionName) info() sectionInfo {
	i := slices.IndexFunc(sections, func(info sectionInfo) bool { return info.name == s })
	if i < 0 {
		return sectionInfo{name: s, rules: &credentialRules}
	}
	return sections[i]
}

// Section is a list of fields under one key of the YAML.
type Section struct {
	Name   SectionName
	Path   string  // the keys that lead to it, joined by dots: "oauth_schema.client_schema"
	Line   int     // of the key; 0 if the section is absent
	Fields []Field // as the YAML lists them, with repeated and nameless ones

	column int               // of the key
	paths  map[string]string // of fields that are elsewhere
}

// IsForm reports whether the section is a form of a model provider, in which fields and
// options can depend on other fields.
func (s *Section) IsForm() bool { return s.Name.info().rules.isForm }

// FieldPath returns the path of the field of the section with the given name, such as
// "credentials_for_provider.api_key".
func (s *Section) FieldPath(name string) string {
	if path, ok := s.paths[name]; ok {
		return path
	}
	return s.Path + "." + name
}

// HasModelType reports whether conditions in the section can ask for the type of the
// model, which is known only where credentials belong to one model.
func (s *Section) HasModelType() bool { return s.Name.info().hasModelType }

// Effective returns the fields that a plugin can receive values for, without those that
// have no name. If several fields share a name, the last one counts, in the position of
// the first, as in the host. In a form, they are one field with several declarations,
// unless their kinds of values differ. A nil section has no fields.
func (s *Section) Effective() []Field {
	if s == nil {
		return nil
	}
	fields := make([]Field, 0, len(s.Fields))
	index := make(map[string]int, len(s.Fields))
	for _, f := range s.Fields {
		if f.Name == "" {
			continue
		}
		i, repeated := index[f.Name]
		switch {
		case !repeated:
			index[f.Name] = len(fields)
			f.Declarations = []Field{f}
			fields = append(fields, f)
		case s.IsForm() && fields[i].Type.values() == f.Type.values():
			fields[i].Declarations = append(fields[i].Declarations, f)
		default:
			f.Declarations = []Field{f}
			fields[i] = f
		}
	}
	return fields
}

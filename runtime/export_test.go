package runtime

// What Dify knows, for a comparison with the compiler.
var (
	ModelFeatures   = modelFeatures
	ModelTypes      = modelTypes
	ParameterTypes  = parameterTypes
	WholeProperties = wholeProperties
	OtherProperties = otherProperties
)

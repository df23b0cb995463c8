package runtime

// UsualPattern is the one that is matched without package regexp.
const UsualPattern = usualPattern

// What Dify knows, for a comparison with the compiler.
var (
	ModelFeatures   = modelFeatures
	ModelTypes      = modelTypes
	ParameterTypes  = parameterTypes
	WholeProperties = wholeProperties
	OtherProperties = otherProperties
)

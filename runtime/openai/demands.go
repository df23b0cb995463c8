package openai

// demands are what a service has said that it wants, by refusing a request that it did not like.
type demands struct {
	noStreamUsage bool // it does not know stream_options
	stream        bool // the model answers in streams only
	newLimit      bool // the model knows max_completion_tokens, and not max_tokens
}

// learn reports whether the service has said something new about what it wants.
func (d *demands) learn(err error, call *completion, config *Config) bool {
	streamed := call.stream || d.stream
	switch {
	case err == nil:
	case streamed && !d.noStreamUsage && !config.NoStreamUsage && mentions(err, "stream_options", "include_usage"):
		d.noStreamUsage = true
		return true
	case !streamed && !config.NoStream && mentions(err, "stream", "streams", "streaming", "streamed"):
		d.stream = true
		return true
	case !d.newLimit && call.parameters["max_tokens"] != nil && mentions(err, "max_completion_tokens"):
		d.newLimit = true
		return true
	}
	return false
}

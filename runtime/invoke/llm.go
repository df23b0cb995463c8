package invoke

// LLM calls large language models that the workspace has.
type LLM struct{ service service }

// LLM returns the service.
func (s Session) LLM() LLM { return LLM{s.service()} }

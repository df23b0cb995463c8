package invoke

// Rerank calls rerank models that the workspace has.
type Rerank struct{ service service }

// Rerank returns the service.
func (s Session) Rerank() Rerank { return Rerank{s.service()} }

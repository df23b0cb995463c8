package invoke

// TextEmbedding calls text embedding models that the workspace has.
type TextEmbedding struct{ service service }

// TextEmbedding returns the service.
func (s Session) TextEmbedding() TextEmbedding { return TextEmbedding{s.service()} }

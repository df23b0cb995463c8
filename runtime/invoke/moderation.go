package invoke

// Moderation calls moderation models that the workspace has.
type Moderation struct{ service service }

// Moderation returns the service.
func (s Session) Moderation() Moderation { return Moderation{s.service()} }

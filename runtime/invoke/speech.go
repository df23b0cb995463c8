package invoke

// Speech calls text-to-speech models that the workspace has.
type Speech struct{ service service }

// Speech returns the service.
func (s Session) Speech() Speech { return Speech{s.service()} }

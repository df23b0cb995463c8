package invoke

// Tools calls tools of the workspace.
type Tools struct{ service service }

// Tools returns the service.
func (s Session) Tools() Tools { return Tools{s.service()} }

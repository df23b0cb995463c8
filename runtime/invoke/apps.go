package invoke

// Apps calls apps of the workspace.
type Apps struct{ service service }

// Apps returns the service.
func (s Session) Apps() Apps { return Apps{s.service()} }

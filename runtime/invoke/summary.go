package invoke

// Summary summarizes texts with the workspace's model for that.
type Summary struct{ service service }

// Summary returns the service.
func (s Session) Summary() Summary { return Summary{s.service()} }

package invoke

// Nodes calls nodes of workflows.
type Nodes struct{ service service }

// Nodes returns the service.
func (s Session) Nodes() Nodes { return Nodes{s.service()} }

package invoke

// Storage is the storage that Dify keeps for the plugin in a workspace.
type Storage struct{ service service }

// Storage returns the service.
func (s Session) Storage() Storage { return Storage{s.service()} }

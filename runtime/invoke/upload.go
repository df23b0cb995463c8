package invoke

// Upload stores files in Dify.
type Upload struct{ service service }

// Upload returns the service.
func (s Session) Upload() Upload { return Upload{s.service()} }

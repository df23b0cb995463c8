package invoke

// Transcription calls speech-to-text models that the workspace has.
type Transcription struct{ service service }

// Transcription returns the service.
func (s Session) Transcription() Transcription { return Transcription{s.service()} }

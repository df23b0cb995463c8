package github

// Challenge is the code challenge of a verifier.
func Challenge(verifier string) string { return state{verifier: verifier}.challenge() }

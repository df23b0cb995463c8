package runtime

// NoCredentials are the credentials of a call to a provider that declares none.
type NoCredentials struct{}

// DecodeNoCredentials ignores the values and returns no error.
func DecodeNoCredentials(CredentialType, map[string]any) (NoCredentials, error) {
	return NoCredentials{}, nil
}

// OneWay returns the decoder of the credentials of calls to a provider that users authorize
// in one way only, for those credential types.
func OneWay[Creds any](provider string, decode func(map[string]any) (Creds, error), types ...CredentialType) func(CredentialType, map[string]any) (Creds, error) {
	return func(t CredentialType, values map[string]any) (creds Creds, err error) {
		for _, known := range types {
			if t == known {
				return decode(values)
			}
		}
		return creds, UnsupportedCredentialType(provider, t)
	}
}

// OrNone returns the decoder of the credentials of calls that may have none, which are then zero: a user has
// set up by hand what they are about.
func OrNone[Creds any](decode func(CredentialType, map[string]any) (Creds, error)) func(CredentialType, map[string]any) (Creds, error) {
	return func(t CredentialType, values map[string]any) (creds Creds, err error) {
		if t == CredentialTypeUnauthorized || len(values) == 0 {
			return creds, nil
		}
		return decode(t, values)
	}
}

// Way is a way to authorize a provider.
type Way struct {
	Type     CredentialType
	Required []string // names of the credentials that must be given
	Declared []string // names of all credentials
}

// AnyWay returns the decoder of the credentials of calls that may lack the credential type.
// It then tells the way by the credentials that are given. Of the ways whose required ones are among
// them, it is the first that declares most of them. If there is no such way, it is the first of all that
// declares most of them, so that the error says what is missing, or CredentialTypeAPIKey if no way
// declares any.
func AnyWay[Creds any](decode func(CredentialType, map[string]any) (Creds, error), ways ...Way) func(CredentialType, map[string]any) (Creds, error) {
	return func(t CredentialType, values map[string]any) (Creds, error) {
		if t == "" {
			t = wayOf(values, ways)
		}
		return decode(t, values)
	}
}

func wayOf(values map[string]any, ways []Way) CredentialType {
	given := func(names []string) (n int) {
		for _, name := range names {
			if v := values[name]; v != nil && v != "" {
				n++
			}
		}
		return n
	}
	best, most, complete := CredentialTypeAPIKey, 0, false
	for _, way := range ways {
		n, isComplete := given(way.Declared), given(way.Required) == len(way.Required)
		if n > most && isComplete == complete || isComplete && !complete {
			best, most, complete = way.Type, n, isComplete
		}
	}
	return best
}

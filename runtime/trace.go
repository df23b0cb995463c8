package runtime

import "context"

type traceparentKey struct{}

// WithTraceparent returns a context with the traceparent of a request: its trace and span, as the
// header of that name has them (W3C Trace Context). It leaves out one that is not valid.
func WithTraceparent(ctx context.Context, traceparent string) context.Context {
	if !isTraceparent(traceparent) {
		return ctx
	}
	return context.WithValue(ctx, traceparentKey{}, traceparent)
}

// Traceparent returns the traceparent with which Dify sent the request, for requests to other
// services. It returns "" if there is none: only the serverless transport has one.
func Traceparent(ctx context.Context) string {
	s, _ := ctx.Value(traceparentKey{}).(string)
	return s
}

// isTraceparent reports whether s has the form of version 00, with which others start, and IDs
// that are not zero.
func isTraceparent(s string) bool {
	const form = "00-00000000000000000000000000000000-0000000000000000-00"
	if len(s) != len(form) {
		return false
	}
	for i := range len(s) {
		c := s[i]
		isHex := '0' <= c && c <= '9' || 'a' <= c && c <= 'f'
		if form[i] == '-' && c != '-' || form[i] == '0' && !isHex {
			return false
		}
	}
	return s[:2] == form[:2] && s[3:35] != form[3:35] && s[36:52] != form[36:52]
}

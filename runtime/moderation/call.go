package moderation

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// Call asks a moderation model whether a text is against the rules. C are the credentials that a
// provider declares; generated code has an alias for it, ModerateCall.
type Call[C any] struct {
	runtime.ModelCall
	Credentials C
	Text        string // not empty
}

// Provider is what a provider of moderation models has. Generated code demands it of the author's
// type.
type Provider[C any] interface {
	// Moderate reports whether the text is against the rules.
	Moderate(ctx context.Context, call *Call[C]) (flagged bool, err error)
}

package credentialcheck

import (
	"context"
	"errors"
	"time"

	"github.com/difygen/difygen/internal/analyzers/testdata/src/service"
	"github.com/difygen/difygen/runtime"
)

func ping(ctx context.Context, key string) error {
	if key == "" {
		return errors.New("no key")
	}
	return ctx.Err()
}

type always struct{}

func (always) ValidateCredentials(ctx context.Context, creds service.Credentials) error { // want `ValidateCredentials cannot fail`
	_ = ping(ctx, creds.ServerURL)
	return nil
}

type branches struct{}

func (branches) ValidateCredentials(ctx context.Context, creds service.Credentials) error { // want `ValidateCredentials cannot fail`
	var err error
	if creds.ServerURL == "" {
		return nil
	}
	return err
}

type helped struct{}

func (h helped) ValidateProviderCredentials(ctx context.Context, creds service.Credentials) error { // want `ValidateProviderCredentials cannot fail`
	return h.nothing(ctx)
}

func (helped) nothing(context.Context) error { return nil }

type deferred struct{}

func (deferred) ValidateCredentials(ctx context.Context, creds service.Credentials) (err error) { // want `ValidateCredentials cannot fail`
	defer func() { recover() }()
	_ = ctx
	return
}

type blank struct{}

func (blank) ValidateCredentials(_ context.Context, creds service.Credentials) error { // want `ValidateCredentials ignores its context, so`
	if creds.ServerURL == "" {
		return errors.New("no URL")
	}
	return nil
}

type background struct{}

func (background) ValidateCredentials(ctx context.Context, creds service.Credentials) error {
	return ping(context.Background(), creds.ServerURL) // want `ValidateCredentials ignores its context for context.Background\(\)`
}

type nameless struct{}

func (nameless) ValidateModelCredentials(_ context.Context, _ runtime.ModelType, _ string, creds service.Credentials) error {
	ctx, cancel := context.WithTimeout(context.TODO(), time.Second) // want `ValidateModelCredentials ignores its context for context.TODO\(\)`
	defer cancel()
	return ping(ctx, creds.ServerURL)
}

// What follows is right.

type right struct{}

func (right) ValidateCredentials(ctx context.Context, creds service.Credentials) error {
	return ping(ctx, creds.AccessToken.Reveal())
}

type named struct{}

func (named) ValidateCredentials(ctx context.Context, creds service.Credentials) (err error) {
	defer func() {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
	}()
	return nil
}

type detached struct{}

func (detached) ValidateCredentials(ctx context.Context, creds service.Credentials) error {
	go ping(context.Background(), "")
	return ping(ctx, creds.ServerURL)
}

type panics struct{}

func (panics) ValidateCredentials(ctx context.Context, creds service.Credentials) error {
	panic("later")
}

type other struct{}

func (other) ValidateCredentials(_ context.Context, key string) error { return nil }

func ValidateCredentials(_ context.Context, creds service.Credentials) error { return nil }

type problem struct{}

func (problem) Error() string { return "wrong" }

type typed struct{}

// It is not the method of a provider, since its result has another type.
func (typed) ValidateCredentials(ctx context.Context, creds service.Credentials) *problem {
	return nil
}

type generic[T any] struct{}

func (generic[T]) ValidateCredentials(ctx context.Context, creds service.Credentials) error { // want `ValidateCredentials cannot fail`
	return nil
}

type stub struct{}

func (stub) ValidateCredentials(ctx context.Context, creds service.Credentials) error {
	return runtime.ErrNotImplemented
}

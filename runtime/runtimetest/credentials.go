package runtimetest

import (
	"context"
	"errors"
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/difygen/difygen/runtime"
)

// CredentialsTest configures the test of a provider's credential check.
type CredentialsTest struct {
	// Valid holds values that the provider accepts.
	Valid map[string]any
	// Required are the names of required values.
	Required []string
	// Wrong, if not nil, holds well-formed values that the service rejects.
	Wrong map[string]any
	// Unreachable, if not nil, is a provider whose service cannot be reached. It is
	// called with Valid.
	Unreachable runtime.Provider
}

// ValidateCredentials calls a provider with valid and invalid credentials, as the host
// would. For a model provider, these are the credentials for the whole provider. It
// reports problems as errors of tb.
func ValidateCredentials(tb testing.TB, p runtime.Provider, test CredentialsTest) {
	tb.Helper()
	var secrets []string
	if len(test.Valid) == 0 {
		tb.Fatal("runtimetest.CredentialsTest needs Valid")
	}
	for _, values := range []map[string]any{test.Valid, test.Wrong} {
		for key, v := range values {
			if s, ok := v.(string); ok && secretName.MatchString(key) {
				secrets = append(secrets, s)
			}
		}
	}
	validate := validator(p)
	wantError := func(what string, err error) {
		tb.Helper()
		if err == nil {
			tb.Errorf("%s: there is no error", what)
			return
		}
		checkError(tb, what, err, p.Kind().CredentialsError(), secrets)
	}
	if err := validate(tb.Context(), test.Valid); err != nil {
		tb.Errorf("valid credentials: %v", err)
	}
	with := func(key string, v any) map[string]any {
		values := maps.Clone(test.Valid)
		if values[key] = v; v == missing {
			delete(values, key)
		}
		return values
	}
	for _, key := range test.Required {
		for what, v := range map[string]any{"missing": missing, "null": nil, "empty": ""} {
			err := validate(tb.Context(), with(key, v))
			wantError(key+" is "+what, err)
			checkNamesField(tb, key, what, err)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(test.Valid)) {
		if _, ok := test.Valid[key].(string); !ok {
			continue
		}
		for what, v := range map[string]any{"masked": "[__HIDDEN__]", "encrypted": "SFlCUklEOmFiYw==", "an object": map[string]any{"a": 1.0}} {
			err := validate(tb.Context(), with(key, v))
			wantError(key+" is "+what, err)
			checkNamesField(tb, key, what, err)
		}
	}
	if test.Wrong != nil {
		err := validate(tb.Context(), test.Wrong)
		wantError("wrong credentials", err)
		if errors.Is(err, runtime.ErrUnreachable) {
			tb.Errorf("wrong credentials: the error says that the service could not be reached: %v", err)
		}
	}
	if test.Unreachable != nil {
		err := validator(test.Unreachable)(tb.Context(), test.Valid)
		wantError("an unreachable service", err)
		if err != nil && !errors.Is(err, runtime.ErrUnreachable) {
			tb.Errorf("an unreachable service: wrap the error with runtime.Unreachable: %v", err)
		}
	}
	ctx, cancel := context.WithCancel(tb.Context())
	cancel()
	err := validate(ctx, test.Valid)
	wantError("a canceled check", err)
	if err != nil && !errors.Is(err, context.Canceled) {
		tb.Errorf("a canceled check: the error is not %v; pass the context to the request", context.Canceled)
	}
}

// validator returns the method that checks a provider's credentials.
func validator(p runtime.Provider) func(context.Context, map[string]any) error {
	model, ok := p.(runtime.ModelProvider)
	if !ok {
		return p.ValidateCredentials
	}
	return func(ctx context.Context, values map[string]any) error {
		_, err := model.ValidateProviderCredentials(ctx, values)
		return err
	}
}

// secretName matches names of fields whose values must not be shown.
var secretName = regexp.MustCompile(`(?i)key|secret|token|passw|credential`)

// missing represents an absent value.
var missing any = struct{ missing bool }{}

// checkNamesField checks that an error names the field.
func checkNamesField(tb testing.TB, key, what string, err error) {
	tb.Helper()
	var list *runtime.ValidationError
	if err == nil || errors.As(err, &list) && slices.ContainsFunc(list.Problems, func(p runtime.Problem) bool { return p.Field == key }) {
		return
	}
	tb.Errorf("%s is %s: the error does not name the field: %v", key, what, err)
}

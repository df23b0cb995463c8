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

// CredentialsTest says how to test the check of a user's credentials.
type CredentialsTest struct {
	// Valid are values that the provider accepts.
	Valid map[string]any
	// Required are the names of those that must be given.
	Required []string
	// Wrong are values of the right form that the service refuses; nil to leave
	// that out.
	Wrong map[string]any
	// Unreachable is the provider for a service that does not answer; nil to leave
	// that out. It is called with Valid.
	Unreachable runtime.Provider
}

// credentialErrors are the names on the wire by kind.
var credentialErrors = map[runtime.Kind]runtime.ErrorType{
	runtime.KindTool: runtime.ErrorToolCredentials, runtime.KindDatasource: runtime.ErrorDatasourceCredentials, runtime.KindTrigger: runtime.ErrorTriggerCredentials,
	runtime.KindModel: runtime.ErrorModelCredentials,
}

// ValidateCredentials checks credentials of a provider, right and wrong ones, as the
// host would send them; of a model provider, those for the provider as a whole. It
// reports what is wrong as errors of tb.
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
		checkError(tb, what, err, credentialErrors[p.Kind()], secrets)
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
			names(tb, key, what, err)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(test.Valid)) {
		if _, ok := test.Valid[key].(string); !ok {
			continue
		}
		for what, v := range map[string]any{"masked": "[__HIDDEN__]", "encrypted": "SFlCUklEOmFiYw==", "an object": map[string]any{"a": 1.0}} {
			err := validate(tb.Context(), with(key, v))
			wantError(key+" is "+what, err)
			names(tb, key, what, err)
		}
	}
	if test.Wrong != nil {
		err := validate(tb.Context(), test.Wrong)
		wantError("wrong credentials", err)
		if errors.Is(err, runtime.ErrUnreachable) {
			tb.Errorf("wrong credentials: the error says that the service is unreachable: %v", err)
		}
	}
	if test.Unreachable != nil {
		err := validator(test.Unreachable)(tb.Context(), test.Valid)
		wantError("an unreachable service", err)
		if err != nil && !errors.Is(err, runtime.ErrUnreachable) {
			tb.Errorf("an unreachable service: the error blames the credentials, mark it with runtime.Unreachable: %v", err)
		}
	}
	ctx, cancel := context.WithCancel(tb.Context())
	cancel()
	err := validate(ctx, test.Valid)
	wantError("a canceled check", err)
	if err != nil && !errors.Is(err, context.Canceled) {
		tb.Errorf("a canceled check: the error is not %v: does the request get the context?", context.Canceled)
	}
}

// validator is the check of a provider's credentials.
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

// secretName matches names of fields whose values must not show.
var secretName = regexp.MustCompile(`(?i)key|secret|token|passw|credential`)

// missing stands for a value that is not there.
var missing any = struct{ missing bool }{}

// names wants an error to name the field.
func names(tb testing.TB, key, what string, err error) {
	tb.Helper()
	var list *runtime.ValidationError
	if err == nil || errors.As(err, &list) && slices.ContainsFunc(list.Problems, func(p runtime.Problem) bool { return p.Field == key }) {
		return
	}
	tb.Errorf("%s is %s: the error does not name the field: %v", key, what, err)
}

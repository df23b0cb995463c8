package difytest

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/serve"
)

// CredentialsTest configures the test of a provider's credential check.
type CredentialsTest struct {
	// Valid holds values that the provider accepts.
	Valid map[string]any
	// Wrong, if not nil, holds well-formed values that the service rejects.
	Wrong map[string]any
	// Unreachable, if not nil, is the same plugin with a service that cannot be reached.
	// Its check is called with Valid.
	Unreachable *serve.Plugin
	// UnreachableValues, if not nil, are values that name a service which cannot be reached,
	// for providers whose users enter its address.
	UnreachableValues map[string]any
	// Model, if not empty, is the model, of that type, for which a user of a model provider enters the
	// credentials.
	Model     string
	ModelType runtime.ModelType
}

// TestCredentials calls a provider with valid and invalid credentials, as the host would.
// Which are required and which are secret is what the plugin declares. For a model provider,
// these are the credentials for the whole provider, or for test.Model. Calls back into Dify reach that
// of h.
// TestCredentials reports problems as errors of tb, and ends the test if the valid ones are not
// accepted.
func TestCredentials(tb testing.TB, h *Host, test CredentialsTest) {
	tb.Helper()
	if len(test.Valid) == 0 {
		tb.Fatal("difytest.CredentialsTest needs Valid")
	}
	declared := h.target(runtime.KindTool, runtime.KindModel, runtime.KindDatasource, runtime.KindTrigger)
	if declared.problem != "" {
		tb.Fatal(declared.problem)
	}
	adapter, ok := declared.adapter.(runtime.Provider)
	if !ok {
		tb.Fatalf("the plugin has no code for the provider %s", declared.name)
	}
	fields := declared.credentials
	if test.Model != "" {
		fields = declared.modelCredentials
	}
	wantValid(tb, declared.name, fields, test)
	c := &credentials{TB: tb, host: h, declared: declared, fields: fields, validate: test.validator(adapter), valid: test.Valid}
	for _, s := range declared.secrets(test.Valid, test.Wrong) {
		c.secrets = append(c.secrets, s.value)
	}
	if err := c.validate(c.Context(), test.Valid); err != nil {
		tb.Fatalf("valid credentials: %v", err)
	}
	c.required()
	c.malformed()
	if test.Wrong != nil {
		err := c.validate(c.Context(), test.Wrong)
		c.wantError("wrong credentials", err)
		if errors.Is(err, runtime.ErrUnreachable) {
			tb.Errorf("wrong credentials: the error says that the service could not be reached: %v", err)
		}
	}
	if test.Unreachable != nil {
		c.unreachable(test.validator(Start(tb, test.Unreachable).adapter(tb, declared))(c.Context(), test.Valid))
	}
	if test.UnreachableValues != nil {
		c.unreachable(c.validate(c.Context(), test.UnreachableValues))
	}
	ctx, cancel := context.WithCancel(c.Context())
	cancel()
	err := c.validate(ctx, test.Valid)
	c.wantError("a canceled check", err)
	if err != nil && !errors.Is(err, context.Canceled) {
		tb.Errorf("a canceled check: the error is not %v; pass the context to the request", context.Canceled)
	}
}

// wantValid ends the test if it names credentials that the provider does not declare, or if
// Valid lacks one that the provider always requires.
func wantValid(tb testing.TB, provider string, fields []field, test CredentialsTest) {
	tb.Helper()
	for _, section := range []struct {
		name   string
		values map[string]any
	}{{"Valid", test.Valid}, {"Wrong", test.Wrong}, {"UnreachableValues", test.UnreachableValues}} {
		problem := cmp.Or(undeclared("provider "+provider, "credential", fields, section.values), noSecrets(section.values))
		if problem != "" {
			tb.Fatalf("difytest.CredentialsTest.%s: %s", section.name, problem)
		}
	}
	var lacking []string
	for _, f := range fields {
		if _, given := test.Valid[f.key()]; f.Required && !given && f.Default == nil && len(f.ShowOn) == 0 {
			lacking = append(lacking, f.key())
		}
	}
	if len(lacking) > 0 {
		tb.Fatalf("difytest.CredentialsTest.Valid lacks what the provider %s requires: %s", provider, list(lacking))
	}
}

// unreachable checks the error for a service that cannot be reached.
func (c *credentials) unreachable(err error) {
	c.Helper()
	c.wantError("an unreachable service", err)
	if err != nil && !errors.Is(err, runtime.ErrUnreachable) {
		c.Errorf("an unreachable service: wrap the error with runtime.Unreachable: %v", err)
	}
}

// credentials is a running test.
type credentials struct {
	testing.TB
	host     *Host
	declared *provider
	fields   []field // of the credentials
	validate func(context.Context, map[string]any) error
	valid    map[string]any
	secrets  []string
}

// Context returns the context of a check.
func (c *credentials) Context() context.Context { return c.host.context(c.declared) }

// required tests what happens without each required value. A hidden one is not in valid.
func (c *credentials) required() {
	c.Helper()
	for _, f := range c.fields {
		key := f.key()
		if _, given := c.valid[key]; !f.Required || !given || f.Default != nil {
			continue
		}
		for what, v := range map[string]any{"missing": missing, "null": nil, "empty": ""} {
			c.wantFieldError(key, what, v)
		}
	}
}

// malformed tests values that are not credentials.
func (c *credentials) malformed() {
	c.Helper()
	for _, key := range slices.Sorted(maps.Keys(c.valid)) {
		if _, ok := c.valid[key].(string); !ok {
			continue
		}
		for what, v := range map[string]any{"masked": "[__HIDDEN__]", "encrypted": "SFlCUklEOmFiYw==", "an object": map[string]any{"a": 1.0}} {
			c.wantFieldError(key, what, v)
		}
	}
}

// wantFieldError checks that there is an error that names the field if it has the value v,
// which what describes.
func (c *credentials) wantFieldError(key, what string, v any) {
	c.Helper()
	values := maps.Clone(c.valid)
	if values[key] = v; v == missing {
		delete(values, key)
	}
	err := c.validate(c.Context(), values)
	c.wantError(key+" is "+what, err)
	var list *runtime.ValidationError
	if err != nil && (!errors.As(err, &list) || !slices.ContainsFunc(list.Problems, func(p runtime.Problem) bool { return p.Field == key })) {
		c.Errorf("%s is %s: the error does not name the field: %v", key, what, err)
	}
}

// wantError checks that there is an error that can be sent to the host.
func (c *credentials) wantError(what string, err error) {
	c.Helper()
	if err == nil {
		c.Errorf("%s: there is no error", what)
		return
	}
	checkError(c, what, err, c.declared.kind.CredentialsError(), c.secrets)
}

// adapter returns the adapter of a provider that another plugin declares, too.
func (h *Host) adapter(tb testing.TB, same *provider) runtime.Provider {
	tb.Helper()
	for _, p := range h.providers {
		if a, ok := p.adapter.(runtime.Provider); ok && p.kind == same.kind && p.name == same.name {
			return a
		}
	}
	tb.Fatalf("the plugin has no code for the provider %s", same.name)
	return nil
}

// missing represents an absent value.
var missing any = struct{ missing bool }{}

// validator returns the method that checks the credentials of a test.
func (test CredentialsTest) validator(p runtime.Provider) func(context.Context, map[string]any) error {
	model, ok := p.(runtime.ModelProvider)
	if !ok {
		return p.ValidateCredentials
	}
	return func(ctx context.Context, values map[string]any) (err error) {
		if test.Model != "" {
			_, err = model.ValidateModelCredentials(ctx, test.ModelType, test.Model, values)
		} else {
			_, err = model.ValidateProviderCredentials(ctx, values)
		}
		return err
	}
}

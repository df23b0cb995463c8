package difytest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/serve"
)

const validKey = "key-12345678"

// keyDeclaration declares a tool provider with an API key.
const keyDeclaration = `{"identity":{"name":"service"},"tools":[],"credentials_schema":[{"name":"api_key","type":"secret-input","required":true}]}`

// check is a correct credential check.
func check(ctx context.Context, values map[string]any) error {
	d := runtime.NewDecoder("Service", values)
	key := d.Secret("api_key", "API key", runtime.FieldRequired)
	switch err := d.Err(); {
	case err != nil:
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	case key.Reveal() != validKey:
		return errors.New("the service does not know the key")
	}
	return nil
}

func unreachable(context.Context, map[string]any) error {
	return runtime.Unreachable(errors.New("connection refused"))
}

// TestWrongChecks checks that mistakes of real credential checks are reported.
func TestWrongChecks(t *testing.T) {
	t.Parallel()
	type validate = func(context.Context, map[string]any) error
	for name, test := range map[string]struct {
		check, unreachable validate
		want               string // "" for no error
	}{
		"correct": {check, unreachable, ""},
		"accepts all": {
			func(ctx context.Context, _ map[string]any) error { return ctx.Err() }, unreachable, "wrong credentials: there is no error",
		},
		"rejects all": {
			func(context.Context, map[string]any) error { return errors.New("no") }, unreachable, "valid credentials: no",
		},
		"does not name the field": {
			func(ctx context.Context, values map[string]any) error {
				if err := check(ctx, values); err != nil {
					return errors.New("something is wrong: " + strings.Repeat(".", 3))
				}
				return nil
			}, unreachable, "api_key is masked: the error does not name the field",
		},
		"quotes the key": {
			check, func(_ context.Context, values map[string]any) error {
				return runtime.Unreachable(fmt.Errorf("asking with %v", values))
			}, "an unreachable service: the message contains a secret: could not reach the service: asking with map[api_key:[secret]]",
		},
		"blames the key": {
			check, func(context.Context, map[string]any) error { return errors.New("timeout") },
			"an unreachable service: wrap the error with runtime.Unreachable: timeout",
		},
		"ignores the context": {
			func(ctx context.Context, values map[string]any) error {
				return check(context.WithoutCancel(ctx), values)
			},
			unreachable, "a canceled check: there is no error",
		},
		"writes several lines": {
			func(ctx context.Context, values map[string]any) error {
				if err := check(ctx, values); err != nil {
					return fmt.Errorf("wrong:\n%w", err)
				}
				return nil
			}, unreachable, "wrong credentials: the message is not one short line",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plugin := func(check validate) *serve.Plugin {
				return newPlugin(keyDeclaration, runtime.NewTool(runtime.ToolConfig{Name: "service", ValidateCredentials: check}))
			}
			list, _ := record(t, func(tb testing.TB) {
				tb.Helper()
				difytest.TestCredentials(tb, difytest.Start(tb, plugin(test.check)), difytest.CredentialsTest{
					Valid: map[string]any{"api_key": validKey}, Wrong: map[string]any{"api_key": "another"}, Unreachable: plugin(test.unreachable),
				})
			})
			errs := strings.Join(list, "\n")
			if test.want == "" && errs != "" || !strings.Contains(errs, test.want) {
				t.Errorf("reported:\n%s\nwant %s", errs, test.want)
			}
		})
	}
}

// TestModelCredentials checks the test of credentials for a model.
func TestModelCredentials(t *testing.T) {
	t.Parallel()
	plugin := func(err error) *serve.Plugin {
		return pluginOf("model_declaration", `{"provider":"models","model_credential_schema":{"credential_form_schemas":[{"variable":"api_key","type":"secret-input","required":true}]}}`,
			runtime.NewModel(runtime.ModelConfig{
				Name: "models",
				ValidateModelCredentials: func(ctx context.Context, typ runtime.ModelType, model string, values map[string]any) (map[string]any, error) {
					if typ != runtime.ModelTypeRerank || model != "large" {
						return nil, fmt.Errorf("no %s %s", typ, model)
					}
					return values, errors.Join(err, check(ctx, values))
				},
			}))
	}
	test := difytest.CredentialsTest{
		Model: "large", ModelType: runtime.ModelTypeRerank, Valid: map[string]any{"api_key": validKey}, Wrong: map[string]any{"api_key": "another"},
		Unreachable: plugin(runtime.Unreachable(errors.New("refused"))),
	}
	difytest.TestCredentials(t, difytest.Start(t, plugin(nil)), test)
	for name, change := range map[string]func(*difytest.CredentialsTest){
		"difytest.CredentialsTest.Valid: the provider models declares no credential api_key; it has none": func(test *difytest.CredentialsTest) { test.Model = "" },
		"difytest.CredentialsTest.Valid lacks what the provider models requires: api_key":                 func(test *difytest.CredentialsTest) { test.Valid = map[string]any{"__model_type": "rerank"} },
		"valid credentials: no rerank small":                                                              func(test *difytest.CredentialsTest) { test.Model = "small" },
	} {
		wrong := test
		change(&wrong)
		errs, _ := record(t, func(tb testing.TB) {
			tb.Helper()
			difytest.TestCredentials(tb, difytest.Start(tb, plugin(nil)), wrong)
		})
		if len(errs) != 1 || errs[0] != name {
			t.Errorf("reported %q, want %s", errs, name)
		}
	}
}

package model_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/model"
)

func TestFingerprint(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kind model.Kind
		yaml string
		want map[string]string
	}{
		"without texts and without the default of a secret": {model.KindTool, `
credentials_for_provider:
  key: {type: secret-input, required: true, default: s3cret, label: {en_US: Key}, help: {en_US: Help}}
  port: {type: text-input, default: 80, label: {en_US: Port}}
  region: {type: select, options: [{value: eu, label: {en_US: EU}}, {value: "a b", label: {en_US: A}}], label: {en_US: R}}
`, map[string]string{
			"credentials_for_provider.key":    "secret-input, required, default #020de7b3",
			"credentials_for_provider.port":   `text-input, default "80"`,
			"credentials_for_provider.region": `select, options "eu" "a b"`,
		}},
		"without names in Go": {model.KindTool, `
credentials_for_provider:
  # difygen:name Direction
  order:
    type: select
    label: {en_US: Order}
    options:
      # difygen:name Descending
      - {value: -id, label: {en_US: Newest first}}
`, map[string]string{"credentials_for_provider.order": `select, options "-id"`}},
		"every declaration of a form's field": {model.KindModel, `
provider: p
model_credential_schema:
  credential_form_schemas:
    - {variable: size, type: text-input, required: true, max_length: 8, label: {en_US: S}, show_on: [{variable: __model_type, value: llm}]}
    - {variable: size, type: text-input, label: {en_US: S}, show_on: [{variable: a, value: b}, {variable: c, value: d}]}
`, map[string]string{
			"model_credential_schema.credential_form_schemas.size": `text-input, required, at most 8 characters, shown if __model_type="llm"` +
				` | text-input, shown if a="b" and c="d"`,
		}},
		"parameters of a trigger": {model.KindTrigger, `
subscription_constructor:
  parameters:
    - {name: n, type: number, min: 1, max: 2.5, precision: 1, label: {en_US: N}}
    - {name: s, type: select, multiple: true, options: [{value: 1, label: {en_US: One}}], label: {en_US: S}}
`, map[string]string{
			"subscription_constructor.parameters.n": "number, min 1, max 2.5, precision 1",
			"subscription_constructor.parameters.s": `select, multiple, options "1"`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, findings, err := model.Load("p.yaml", []byte(test.yaml), test.kind)
			if err != nil || p == nil {
				t.Fatal(err, findings.Settle())
			}
			if diff := cmp.Diff(test.want, p.Fingerprint()); diff != "" {
				t.Errorf("fingerprint (-want +got):\n%s", diff)
			}
		})
	}
}

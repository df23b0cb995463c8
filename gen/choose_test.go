package gen_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/model"
)

// TestChosenNames checks what is said of names that comments choose, and of names that
// only the order of the YAML decides.
func TestChosenNames(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ fields, want string }{
		"a number that the order decides": {
			`
  order: {type: select, label: {en_US: L}, options: [{value: id, label: {en_US: L}}, {value: -id, label: {en_US: L}}]}
  "🙂": {type: text-input, label: {en_US: L}}`,
			`
2:86: warning: option -id of field order becomes OrderID2 in Go: OrderID is taken by option id of field order; to choose a name, write "# difygen:name OrderMinusID" above it [name-clash]
3:3: warning: field "🙂" becomes Field2 in Go, which changes when the YAML is reordered; to choose a name, write "# difygen:name NAME" above it [numbered-name]`,
		},
		"proposals": {
			`
  op:
    type: select
    label: {en_US: L}
    options:
      - {value: "+", label: {en_US: L}}
      - {value: "<=", label: {en_US: L}}
      - {value: "🙂", label: {en_US: L}}
      - {value: c, label: {en_US: L}}
      - {value: c++, label: {en_US: L}}
      - {value: C, label: {en_US: L}}
      - {value: OpLess, label: {en_US: L}}
      - {value: Less, label: {en_US: L}}
      - {value: <, label: {en_US: L}}`,
			`
6:9: warning: option "+" of field op becomes OpOption1 in Go, which changes when the YAML is reordered; to choose a name, write "# difygen:name OpPlus" above it [numbered-name]
7:9: warning: option "<=" of field op becomes OpOption2 in Go, which changes when the YAML is reordered; to choose a name, write "# difygen:name OpLessOrEqual" above it [numbered-name]
8:9: warning: option "🙂" of field op becomes OpOption3 in Go, which changes when the YAML is reordered; to choose a name, write "# difygen:name OpNAME" above it [numbered-name]
10:9: warning: option "c++" of field op becomes OpC2 in Go: OpC is taken by option c of field op; to choose a name, write "# difygen:name OpCPlusPlus" above it [name-clash]
11:9: warning: option C of field op becomes OpC3 in Go: OpC is taken by option c of field op; to choose a name, write "# difygen:name OpNAME" above it [name-clash]
14:9: warning: option "<" of field op becomes OpOption9 in Go, which changes when the YAML is reordered; to choose a name, write "# difygen:name OpNAME" above it [numbered-name]`,
		},
		"types that the order decides": {
			`
  order: {type: select, label: {en_US: L}, options: [{value: by, label: {en_US: L}}]}
  order_by: {type: select, label: {en_US: L}, options: [{value: a, label: {en_US: L}}]}
  order_values: {type: select, label: {en_US: L}, options: [{value: a, label: {en_US: L}}]}`,
			`
3:3: warning: the type of field order_by becomes CredentialsOrderBy in Go: OrderBy is taken by option by of field order; to choose a name, write "# difygen:name NAME" above it [name-clash]
4:3: warning: the type of field order_values becomes CredentialsOrderValues in Go: OrderValues is taken by the function that lists the options of field order; to choose a name, write "# difygen:name NAME" above it [name-clash]`,
		},
		"a name of another field": {
			`
  # difygen:name APIKey
  token: {type: secret-input, label: {en_US: L}}
  api_key: {type: secret-input, label: {en_US: L}}
  # difygen:name Values
  b: {type: text-input, label: {en_US: L}}
  # difygen:name Same
  c: {type: text-input, label: {en_US: L}}
  # difygen:name Same
  d: {type: text-input, label: {en_US: L}}`,
			`
2:3: error: field token cannot be named APIKey in Go: APIKey is taken by field api_key; choose another name [name-clash]
5:3: error: field b cannot be named Values in Go: Values is taken by the method of that name; choose another name [name-clash]
9:3: error: field d cannot be named Same in Go: Same is taken by field c; choose another name [name-clash]`,
		},
		"a name of another option or type": {
			`
  order:
    type: select
    label: {en_US: L}
    options:
      # difygen:name OrderB
      - {value: a, label: {en_US: L}}
      - {value: b, label: {en_US: L}}
      # difygen:name Credentials
      - {value: c, label: {en_US: L}}
      # difygen:name Later
      - {value: d, label: {en_US: L}}
      # difygen:name OrderE
      - {value: e, label: {en_US: L}}
  later: {type: select, label: {en_US: L}, options: [{value: a, label: {en_US: L}}]}`,
			`
6:7: error: option a of field order cannot be named OrderB in Go: OrderB is taken by option b of field order; choose another name [name-clash]
9:7: error: option c of field order cannot be named Credentials in Go: Credentials is taken by difygen; choose another name [name-clash]
11:7: error: option d of field order cannot be named Later in Go: Later is taken by the type of field later; choose another name [name-clash]`,
		},
		"the name of its own type": {
			`
  order:
    type: select
    label: {en_US: L}
    options:
      # difygen:name Order
      - {value: a, label: {en_US: L}}`,
			`
6:7: error: option a of field order cannot be named Order in Go: Order is taken by the type of field order; choose another name [name-clash]`,
		},
		"options that are written once": {
			`
  a: {type: select, label: {en_US: L}, options: &options [
      # difygen:name One
      {value: x, label: {en_US: L}}]}
  b: {type: select, label: {en_US: L}, options: *options}`,
			`
3:7: error: option x of field b cannot be named One in Go: One is taken by option x of field a; choose another name [name-clash]`,
		},
		"one type, named twice": {
			`
  order: {type: select, label: {en_US: L}, options: [
      # difygen:name OrderNewest
      {value: -id, label: {en_US: L}}]}
oauth_schema:
  client_schema: []
  credentials_schema:
    - {name: access_token, type: secret-input, label: {en_US: L}}
    - {name: refresh_token, type: secret-input, label: {en_US: L}}
    - {name: order, type: select, label: {en_US: L}, options: [
      # difygen:name OrderLatest
      {value: -id, label: {en_US: L}}]}`,
			`
11:7: error: option -id of field order is named OrderLatest here and OrderNewest in line 3; choose one name [name-clash]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := namesOf(t, "credentials_for_provider:"+test.fields+"\nidentity: {author: a, name: p, icon: i.svg, label: {en_US: P}, description: {en_US: P}}\n")
			if diff := cmp.Diff(strings.TrimSpace(test.want), got); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

// TestChosenTwice checks declarations of one field that choose different names, for it and
// for an option.
func TestChosenTwice(t *testing.T) {
	t.Parallel()
	got := namesOf(t, `provider: p
label: {en_US: P}
supported_model_types: [llm, rerank]
configurate_methods: [customizable-model]
model_credential_schema:
  model: {label: {en_US: Name}}
  credential_form_schemas:
    # difygen:name Size
    - variable: size
      type: select
      required: true
      label: {en_US: Size}
      options: [
        # difygen:name Large
        {value: ">", label: {en_US: Large}}]
      show_on: [{variable: __model_type, value: llm}]
    # difygen:name Capacity
    - variable: size
      type: select
      required: true
      label: {en_US: Size}
      options: [
        # difygen:name Big
        {value: ">", label: {en_US: Large}}]
      show_on: [{variable: __model_type, value: rerank}]
`)
	want := `17:5: error: field size is named Capacity here and Size in line 8; choose one name [name-clash]
23:9: error: option ">" of field size is named Big here and Large in line 14; choose one name [name-clash]`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

// namesOf returns the diagnostics about the names of a provider, without the file.
func namesOf(t *testing.T, yaml string) string {
	t.Helper()
	p, findings, err := model.Load("p.yaml", []byte(yaml), model.DetectKind([]byte(yaml)))
	if err != nil || p == nil {
		t.Fatal(err, findings.Settle())
	}
	_, diags, err := gen.NewPackage([]gen.Source{{Provider: p, ID: "p.yaml"}}, gen.Options{Package: "p"})
	if err != nil {
		t.Fatal(err)
	}
	findings = model.Findings{}
	findings.Add(diags...)
	return strings.TrimSpace(strings.ReplaceAll(join(findings.Settle(model.StepNames)), "p.yaml:", ""))
}

package plugin_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/model"
)

// TestUnsentParameters reports parameters of drives, to which Dify sends none.
func TestUnsentParameters(t *testing.T) {
	t.Parallel()
	const provider = "identity: {name: p}\nprovider_type: online_drive\ndatasources: [d/a.yaml, d/b.yaml]\n"
	const a, b = "identity: {name: a}\nparameters:\n  - {name: region, type: string}\n  - {name: size, type: number}\n", "identity: {name: b}\nparameters: []\n"
	for name, test := range map[string]struct {
		provider, a string
		want        []string
	}{
		"a drive": {provider, a, []string{
			"d/a.yaml:3:5: warning: data source a has parameters, but Dify sends none to an online_drive: nobody sees them, and Go gets none [unsent-parameter]",
		}},
		"documents":            {strings.Replace(provider, "online_drive", "online_document", 1), a, nil},
		"an unknown type":      {strings.Replace(provider, "online_drive", "offline_drive", 1), a, nil},
		"without a name":       {provider, strings.NewReplacer("name: region, ", "", "name: size, ", "").Replace(a), nil},
		"no parameters at all": {provider, "identity: {name: a}\n", nil},
		"a comment ignores it": {provider, strings.Replace(a, "  - {name: region", "  # difygen:ignore unsent-parameter -- of the code in Python\n  - {name: region", 1), nil},
	} {
		_, diags, err := plugin.Load(files("manifest.yaml", manifest+"plugins: {datasources: [p.yaml]}\n", "p.yaml", test.provider, "d/a.yaml", test.a, "d/b.yaml", b))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range diags {
			if d.Rule == model.RuleUnsentParameter {
				got = append(got, d.String())
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: warnings (-want +got):\n%s", name, diff)
		}
	}
}

// TestUnsetOutputs reports outputs of data sources whose outputs Dify sets.
func TestUnsetOutputs(t *testing.T) {
	t.Parallel()
	const item = "identity: {name: a}\nparameters: []\noutput_schema:\n  properties:\n    content: {type: string}\n    file: {type: object, properties: {name: {type: string}}}\n"
	for typ, want := range map[string][]string{
		model.DatasourceWebsiteCrawl: {
			"d/a.yaml:6:5: warning: output file of data source a stays empty: of the type website_crawl, it has only what Dify sets, which is source_url, content, title, description [unset-output]",
		},
		model.DatasourceOnlineDrive: {
			"d/a.yaml:5:5: warning: output content of data source a stays empty: of the type online_drive, it has only what Dify sets, which is file [unset-output]",
		},
		model.DatasourceOnlineDocument: nil,
		"offline_drive":                nil,
	} {
		_, diags, err := plugin.Load(files("manifest.yaml", manifest+"plugins: {datasources: [p.yaml]}\n",
			"p.yaml", "identity: {name: p}\nprovider_type: "+typ+"\ndatasources: [d/a.yaml]\n", "d/a.yaml", item))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range diags {
			if d.Rule == model.RuleUnsetOutput {
				got = append(got, d.String())
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: warnings (-want +got):\n%s", typ, diff)
		}
	}
}

// TestOutputTypes reports outputs of data sources that are always text, of another type.
func TestOutputTypes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ typ, outputs, want string }{
		"a number":           {model.DatasourceOnlineDocument, "content: {type: integer}", "d/a.yaml:4:16: warning: output content of data source a is always text; write type: string [output-type]"},
		"a list":             {model.DatasourceOnlineDocument, "a: {type: string}, title: {type: array}", "d/a.yaml:4:35: warning: output title of data source a is always text; write type: string [output-type]"},
		"several types":      {model.DatasourceOnlineDocument, "page_id: {type: [integer, object]}", "d/a.yaml:4:16: warning: output page_id of data source a is always text; write type: string [output-type]"},
		"merged":             {model.DatasourceOnlineDocument, "<<: {workspace_id: {type: integer}}", "d/a.yaml:4:21: warning: output workspace_id of data source a is always text; write type: string [output-type]"},
		"one of several":     {model.DatasourceOnlineDocument, "page_id: {type: [string, integer]}", ""},
		"text":               {model.DatasourceOnlineDocument, "content: {type: string}, title: {type: string}, page_id: {type: string}, workspace_id: {type: string}", ""},
		"without a type":     {model.DatasourceOnlineDocument, "content: {}, title: text, page_id: {$ref: x}", ""},
		"another output":     {model.DatasourceOnlineDocument, "description: {type: array}", ""},
		"a website":          {model.DatasourceWebsiteCrawl, "description: {type: array}", "d/a.yaml:4:16: warning: output description of data source a is always text; write type: string [output-type]"},
		"which stays empty":  {model.DatasourceWebsiteCrawl, "page_id: {type: integer}", ""},
		"a file":             {model.DatasourceOnlineDrive, "file: {type: object}", ""},
		"of an unknown type": {"offline_drive", "content: {type: integer}", ""},
	} {
		item := "identity: {name: a}\nparameters: []\noutput_schema:\n  properties: {" + test.outputs + "}\n"
		_, diags, err := plugin.Load(files("manifest.yaml", manifest+"plugins: {datasources: [p.yaml]}\n",
			"p.yaml", "identity: {name: p}\nprovider_type: "+test.typ+"\ndatasources: [d/a.yaml]\n", "d/a.yaml", item))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range diags {
			if d.Rule == model.RuleOutputType {
				got = append(got, d.String())
			}
		}
		if diff := cmp.Diff(test.want, strings.Join(got, "\n")); diff != "" {
			t.Errorf("%s: warnings (-want +got):\n%s", name, diff)
		}
	}
}

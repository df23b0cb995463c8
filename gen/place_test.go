package gen_test

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/difygen/difygen/gen"
	"github.com/difygen/difygen/model"
)

// TestPlacesOfGolden checks that each place in the code of the cases is a line of the YAML with
// the last key of the path.
func TestPlacesOfGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(cases + "/*/provider_dify.go")
	if err != nil {
		t.Fatal(err)
	}
	placeRE := regexp.MustCompile(`// YAML: (\S+):(\d+) (.*)\n`)
	wordRE := regexp.MustCompile(`^[\w-]+$`) // others are spelled otherwise in the YAML
	checked := 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range placeRE.FindAllStringSubmatch(string(src), -1) {
			yaml, err := os.ReadFile(filepath.Join(filepath.Dir(file), m[1]))
			if err != nil {
				t.Errorf("%s: %s: %v", file, m[0], err)
				continue
			}
			lines := strings.Split(string(yaml), "\n")
			key := m[3][strings.LastIndexByte(m[3], '.')+1:]
			n, err := strconv.Atoi(m[2])
			switch {
			case err != nil || n > len(lines):
				t.Errorf("%s: no such line: %s", file, m[0])
			case wordRE.MatchString(key) && !strings.Contains(strings.ReplaceAll(lines[n-1], "\u200b", ""), key):
				t.Errorf("%s: no %s there: %s", file, key, m[0])
			}
			checked++
		}
	}
	if checked < 100 {
		t.Errorf("only %d places", checked)
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	const start = "identity: {author: you, name: p, label: {en_US: P}, description: {en_US: P.}, icon: i.svg}\n"
	declarations := strings.Repeat("    - {variable: a, type: secret-input, label: {en_US: A}}\n", 9)
	for name, tt := range map[string]struct {
		file, yaml string
		kind       model.Kind
		want       []string
	}{
		"map": {
			yaml: start + "credentials_for_provider:\n  # A comment.\n  a:\n    type: secret-input\n",
			want: []string{"(provider/p.yaml:2", "YAML: provider/p.yaml:4 credentials_for_provider.a"},
		},
		"list": {
			yaml: start + "credentials_for_provider:\n  -\n    label: {en_US: A}\n    name: a\n    type: secret-input\n",
			want: []string{"YAML: provider/p.yaml:4 credentials_for_provider.a"},
		},
		"repeated: the last counts": {
			yaml: start + "credentials_for_provider:\n  - {name: a, type: secret-input}\n  - {name: a, type: text-input}\n",
			want: []string{"YAML: provider/p.yaml:4 credentials_for_provider.a\n\t"},
		},
		"aliased": {
			yaml: start + "x:\n  - &a {name: a, type: secret-input}\ncredentials_for_provider:\n  - *a\n",
			want: []string{"(provider/p.yaml:4", "YAML: provider/p.yaml:3 credentials_for_provider.a"},
		},
		"merged: the field's own key": {
			yaml: start + "x: &x\n  type: secret-input\n  label: {en_US: A}\ncredentials_for_provider:\n  a:\n    <<: *x\n",
			want: []string{"YAML: provider/p.yaml:6 credentials_for_provider.a"},
		},
		"several declarations": {
			kind: model.KindModel,
			yaml: "provider: p\nlabel: {en_US: P}\nprovider_credential_schema:\n  credential_form_schemas:\n" + declarations,
			want: []string{
				"YAML: provider/p.yaml:5 provider_credential_schema.credential_form_schemas.a\n",
				"// Also provider/p.yaml:6, provider/p.yaml:7, provider/p.yaml:8, provider/p.yaml:9,",
				"provider/p.yaml:10 and 3 more places.",
			},
		},
		"a hostile name of a file": {
			file: "provider/a\u202e*/ b.yaml",
			yaml: start + "credentials_for_provider:\n  a:\n    type: secret-input\n",
			want: []string{"// YAML: provider/a*/ b.yaml:3 credentials_for_provider.a\n"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, findings, err := model.Load("shown.yaml", []byte(tt.yaml), cmp.Or(tt.kind, model.KindTool))
			if err != nil {
				t.Fatal(err)
			}
			if p == nil {
				t.Fatal(findings.Settle())
			}
			source := gen.Source{Provider: p, ID: cmp.Or(tt.file, "provider/p.yaml")}
			code, _, err := gen.NewPackage([]gen.Source{source}, gen.Options{Package: "p"})
			if err != nil {
				t.Fatal(err)
			}
			got := string(content(t, code.Files()[0]))
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in\n%s", want, got)
				}
			}
		})
	}
}

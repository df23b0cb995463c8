package model_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/model"
)

func TestPermissions(t *testing.T) {
	t.Parallel()
	const warning = "f.yaml:12:%d: warning: resource.permission.model.enabled must be true, or the plugin can call no models: resource.permission.model.%s permits nothing by itself [manifest]"
	for _, test := range []struct {
		name, yaml string
		want       []string
		says       string
	}{
		{"none", "{}", nil, ""},
		{"null", "", nil, ""},
		{"refused", "{tool: {enabled: false}, model: {enabled: false}, node: {}, app: , endpoint: {enabled: true}}", nil, ""},
		{"some", "{app: {enabled: true}, storage: {enabled: true, size: 1024}}", []string{"storage 12:38", "app 12:16"}, ""},
		{"models", "{model: {enabled: true, llm: true, tts: false}}", []string{"model.llm 12:39"}, ""},
		{"no model", "{model: {enabled: true}}", nil, ""},
		{"models that are not enabled", "{model: {rerank: true, llm: true}}", nil, fmt.Sprintf(warning, 16, "llm")},
		{"models that are disabled", "{model: {moderation: true, enabled: false}}", nil, fmt.Sprintf(warning, 42, "moderation")},
		{
			"all", "{tool: {enabled: true}, model: {enabled: true, llm: true, text_embedding: true, rerank: true, tts: true, speech2text: true, moderation: true}, " +
				"node: {enabled: true}, app: {enabled: true}, storage: {enabled: true, size: 1024}}",
			[]string{
				"storage 12:203", "model.llm 12:62", "model.text_embedding 12:73", "model.rerank 12:95", "model.tts 12:109", "model.speech2text 12:120",
				"model.moderation 12:139", "tool 12:16", "app 12:181", "node 12:158",
			}, "",
		},
	} {
		yaml := strings.Replace(acceptableFiles["manifest"], "permission:\n    storage: {enabled: true, size: 1024}\n", "permission: "+test.yaml+"\n", 1)
		m, findings := model.LoadManifest("f.yaml", []byte(yaml))
		if findings.HasErrors() {
			t.Fatal(test.name, findings.Settle())
		}
		var got []string
		for _, p := range m.Permissions() {
			got = append(got, fmt.Sprintf("%s %d:%d", p.Permission, p.Pos.Line, p.Pos.Column))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		if diff := cmp.Diff(test.says, diagnoseFile("manifest", yaml)); diff != "" {
			t.Errorf("%s: diagnostics (-want +got):\n%s", test.name, diff)
		}
	}
}

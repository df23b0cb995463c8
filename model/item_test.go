package model_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/model"
)

// TestItemNames loads an item, and a provider with an item in it, whose comments choose
// names.
func TestItemNames(t *testing.T) {
	t.Parallel()
	const event = `identity: {author: me, name: e, label: {en_US: E}}
description: {en_US: E}
parameters:
  # difygen:name Depth
  - {name: level, type: number, label: {en_US: L}}
`
	item, findings := model.LoadItem("e.yaml", []byte(event), model.KindTrigger)
	if diags := findings.Settle(); item == nil || len(diags) > 0 {
		t.Fatal(item, diags)
	}
	want := model.GoName{Name: "Depth", Pos: model.Position{File: "e.yaml", Line: 4, Column: 3}}
	if diff := cmp.Diff(want, item.Parameters.Fields[0].GoName); diff != "" {
		t.Errorf("in an item (-want +got):\n%s", diff)
	}
	p, findings, err := model.Load("p.yaml", []byte(header+`tools:
- identity: {author: me, name: t, label: {en_US: T}}
  description: {human: {en_US: T}, llm: T}
  parameters:
  - name: level # difygen:name Depth
    type: number
    form: llm
    label: {en_US: L}
    human_description: {en_US: L}
`), model.KindTool)
	if diags := findings.Settle(); err != nil || p == nil || len(diags) > 0 {
		t.Fatal(p, diags, err)
	}
	if got := p.Listed.Items[0].Item.Parameters.Fields[0].GoName.Name; got != "Depth" {
		t.Errorf("in a provider: got %q", got)
	}
}

package model_test

// acceptableFiles are items of each kind, and a manifest, that break no rule of the host and
// have no warning.
var acceptableFiles = map[string]string{
	"tool": `identity: {author: a, name: t, label: {en_US: L}}
description:
  human: {en_US: D}
  llm: D
parameters:
  - name: p
    type: select
    form: llm
    label: {en_US: L}
    human_description: {en_US: D}
    auto_generate: {type: prompt_instruction}
    options:
      - {value: x, label: {en_US: X}}
  - {name: s, type: model-selector, form: form, scope: llm, label: {en_US: L}, human_description: {en_US: D}}
`,
	"model": `model: m
label: {en_US: M}
model_type: llm
features: [vision]
fetch_from: predefined-model
parameter_rules:
  - name: temperature
    use_template: temperature
  - name: p
    type: string
    label: {en_US: P}
    help: {en_US: H}
    default: x
    options: [x]
pricing:
  input: "0.1"
  unit: "0.001"
  currency: USD
`,
	"endpoint": `path: /p
method: GET
`,
	"strategy": `identity: {author: a, name: s, label: {en_US: L}}
description: {en_US: D}
features: [history-messages]
parameters:
  - name: p
    type: select
    label: {en_US: L}
    help: {en_US: H}
    default: x
    auto_generate: {type: prompt_instruction}
    options:
      - {value: x, label: {en_US: X}}
  - {name: s, type: model-selector, scope: llm, label: {en_US: L}}
`,
	"datasource": `identity: {author: a, name: d, label: {en_US: L}}
description: {en_US: D}
parameters:
  - name: p
    type: select
    label: {en_US: L}
    description: {en_US: D}
    default: x
    auto_generate: {type: prompt_instruction}
    options:
      - {value: x, label: {en_US: X}}
`,
	"event": `identity: {author: a, name: e, label: {en_US: L}}
description: {en_US: D}
parameters:
  - name: p
    type: select
    label: {en_US: L}
    description: {en_US: D}
    auto_generate: {type: prompt_instruction}
    options:
      - {value: x, label: {en_US: X}}
`,
	"manifest": `version: 0.1.0
type: plugin
author: a
name: n
label: {en_US: L}
description: {en_US: D}
icon: i.svg
icon_dark: d.svg
created_at: 2026-01-31T12:00:00Z
resource:
  memory: 1
  permission:
    storage: {enabled: true, size: 1024}
plugins: {tools: [p.yaml]}
meta:
  version: 0.1.0
  arch: [amd64]
  runner: {language: python, version: "3.12", entrypoint: main}
tags: [search]
repo: https://example.com
`,
}

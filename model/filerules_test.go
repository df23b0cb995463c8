package model_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/model"
)

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

// fileRules is like hostRules, for items and the manifest. The wire has more rules for a
// manifest: those without a path.
var fileRules = []struct {
	kind           string
	rule           string
	old, new, want string
}{
	{"tool", "ToolDeclaration.Identity.Author required", "author: a, ", "",
		"f.yaml:1:1: warning: the host requires identity.author [identity]"},
	{"tool", "ToolDeclaration.Identity.Name required", "name: t, ", "",
		"f.yaml:1:1: warning: the host requires identity.name [identity]"},
	{"tool", "ToolDeclaration.Identity.Name tool_identity_name", "name: t, ", "name: a b, ",
		"f.yaml:1:23: warning: identity.name may hold only letters, digits, _ and - [identity]"},
	{"tool", "ToolDeclaration.Identity.Label.EnUS required", "label: {en_US: L}}\n", "label: {}}\n",
		"f.yaml:1:32: warning: the host requires identity.label.en_US [identity]"},
	{"tool", "ToolDeclaration.Identity.Label.EnUS lt", "label: {en_US: L}}\n", "label: {en_US: <1024>}}\n",
		"f.yaml:1:40: warning: identity.label.en_US must have fewer than 1024 characters [length]"},
	{"tool", "ToolDeclaration.Identity.Label.ZhHans lt", "label: {en_US: L}}\n", "label: {en_US: L, zh_Hans: <1024>}}\n",
		"f.yaml:1:50: warning: identity.label.zh_Hans must have fewer than 1024 characters [length]"},
	{"tool", "ToolDeclaration.Description.Human.EnUS required", "human: {en_US: D}", "human: {}",
		"f.yaml:3:3: warning: the host requires description.human.en_US [required]"},
	{"tool", "ToolDeclaration.Description.Human.EnUS lt", "human: {en_US: D}", "human: {en_US: <1024>}",
		"f.yaml:3:11: warning: description.human.en_US must have fewer than 1024 characters [length]"},
	{"tool", "ToolDeclaration.Description.LLM required", "  llm: D\n", "",
		"f.yaml:2:1: warning: the host requires description.llm [required]"},
	{"tool", "ToolDeclaration.Parameters[0].Name required", "  - name: p\n", "  - name: \"\"\n",
		"f.yaml:6:5: warning: this parameter has no name, so it is left out [nameless-field]"},
	{"tool", "ToolDeclaration.Parameters[0].Name lt", "  - name: p\n", "  - name: <1024>\n",
		"f.yaml:6:5: warning: the name of a parameter must have fewer than 1024 characters [length]"},
	{"tool", "ToolDeclaration.Parameters[0].Label.EnUS required", "    label: {en_US: L}\n", "    label: {}\n",
		"f.yaml:9:5: warning: parameter p: label needs an en_US text [label]"},
	{"tool", "ToolDeclaration.Parameters[0].Label.JaJp lt", "    label: {en_US: L}\n", "    label: {en_US: L, ja_JP: <1024>}\n",
		"f.yaml:9:23: warning: parameter p: label must have fewer than 1024 characters [length]"},
	{"tool", "ToolDeclaration.Parameters[0].Type required", "    type: select\n", "",
		"f.yaml:6:5: error: parameter p has no type [field-type]"},
	{"tool", "ToolDeclaration.Parameters[0].Type tool_parameter_type", "    type: select\n", "    type: selct\n",
		"f.yaml:7:5: error: parameter p has the unknown type selct (did you mean select?) [field-type]"},
	{"tool", "ToolDeclaration.Parameters[0].HumanDescription.EnUS required", "    human_description: {en_US: D}\n", "    human_description: {ja_JP: D}\n",
		"f.yaml:10:5: warning: parameter p: human_description needs an en_US text [label]"},
	{"tool", "ToolDeclaration.Parameters[0].HumanDescription.EnUS lt", "    human_description: {en_US: D}\n", "    human_description: {en_US: <1024>}\n",
		"f.yaml:10:25: warning: parameter p: human_description must have fewer than 1024 characters [length]"},
	{"tool", "ToolDeclaration.Parameters[0].AutoGenerate.Type required", "auto_generate: {type: prompt_instruction}", "auto_generate: {}",
		"f.yaml:11:5: warning: parameter p: auto_generate.type must be one of prompt_instruction [unknown-word]"},
	{"tool", "ToolDeclaration.Parameters[0].AutoGenerate.Type parameter_auto_generate_type", "prompt_instruction", "prompt_instructions",
		"f.yaml:11:21: warning: parameter p: auto_generate.type must be one of prompt_instruction (did you mean prompt_instruction?) [unknown-word]"},
	{"tool", "ToolDeclaration.Parameters[0].Options[0].Value required", "value: x, ", "",
		"f.yaml:13:9: warning: parameter p: an option has no value [option-value]"},
	{"tool", "ToolDeclaration.Parameters[0].Options[0].Label.EnUS required", "label: {en_US: X}", "label: {}",
		"f.yaml:13:20: warning: parameter p: option x needs an en_US label [label]"},
	{"tool", "ToolDeclaration.Parameters[0].Options[0].Label.ZhHans lt", "label: {en_US: X}", "label: {en_US: X, zh_Hans: <1024>}",
		"f.yaml:13:38: warning: parameter p: an option's label must have fewer than 1024 characters [length]"},
	{"tool", "ToolDeclaration.Parameters[1].Scope is_scope", "scope: llm", "scope: lmm",
		"f.yaml:14:49: warning: parameter s: for type model-selector, scope must be one of llm, text-embedding, rerank, tts, speech2text, moderation, vision, document, tool-call (did you mean llm?) [scope]"},
	{"tool", "ToolDeclaration.Parameters[0].Scope is_scope", "  - name: p\n", "  - name: p\n    scope: llm\n",
		"f.yaml:7:5: warning: parameter p: only a selector can have a scope [scope]"},
	{"tool", "ToolDeclaration.Parameters[1].Scope max", "scope: llm", "scope: llm&<1024>",
		"f.yaml:14:49: warning: parameter s: scope must have at most 1024 characters [length]"},
	{"tool", "ToolDeclaration.Parameters[0].Form required", "    form: llm\n", "",
		"f.yaml:6:5: warning: parameter p: form must be one of llm, form, schema [unknown-word]"},
	{"tool", "ToolDeclaration.Parameters[0].Form tool_parameter_form", "    form: llm\n", "    form: from\n",
		"f.yaml:8:5: warning: parameter p: form must be one of llm, form, schema (did you mean form?) [unknown-word]"},
	{"model", "ModelDeclaration.Model required", "model: m\n", "",
		"f.yaml:1:1: warning: the host requires model [identity]"},
	{"model", "ModelDeclaration.Model lt", "model: m\n", "model: <1024>\n",
		"f.yaml:1:1: warning: model must have fewer than 256 characters [length]"},
	{"model", "ModelDeclaration.Label.EnUS lt", "label: {en_US: M}", "label: {en_US: <1024>}",
		"f.yaml:2:9: warning: label.en_US must have fewer than 1024 characters [length]"},
	{"model", "ModelDeclaration.Label.JaJp lt", "label: {en_US: M}", "label: {en_US: M, ja_JP: <1024>}",
		"f.yaml:2:19: warning: label.ja_JP must have fewer than 1024 characters [length]"},
	{"model", "ModelDeclaration.ModelType required", "model_type: llm\n", "",
		"f.yaml:1:1: warning: the host requires model_type [required]"},
	{"model", "ModelDeclaration.ModelType model_type", "model_type: llm\n", "model_type: text_embedding\n",
		"f.yaml:3:1: warning: model_type must be one of llm, text-embedding, rerank, speech2text, moderation, tts, text2img, multimodal-embedding, multimodal-rerank (did you mean text-embedding?) [unknown-word]"},
	{"model", "ModelDeclaration.FetchFrom model_provider_configurate_method", "fetch_from: predefined-model", "fetch_from: predefined",
		"f.yaml:5:1: warning: fetch_from must be one of predefined-model, customizable-model (did you mean predefined-model?) [unknown-word]"},
	{"model", "ModelDeclaration.Features lte", "features: [vision]", "features: [<257 vision>]",
		"f.yaml:4:1: warning: features must list at most 256 features [length]"},
	{"model", "ModelDeclaration.Features[0] lt", "features: [vision]", "features: [<1024>]",
		"f.yaml:4:12: warning: a feature must have fewer than 256 characters [length]"},
	{"model", "ModelDeclaration.ParameterRules lte", "parameter_rules:\n", "parameter_rules:\n<127   - {name: n#, type: int}\n>",
		"f.yaml:6:1: warning: parameter_rules must list at most 128 parameters [length]"},
	{"model", "ModelDeclaration.ParameterRules[0].Name required", "  - name: temperature\n", "  - name: \"\"\n    label: {en_US: T}\n",
		"f.yaml:7:5: warning: this parameter has no name, so it is left out [nameless-field]"},
	{"model", "ModelDeclaration.ParameterRules[1].Name lt", "  - name: p\n", "  - name: <1024>\n",
		"f.yaml:9:5: warning: the name of a parameter must have fewer than 256 characters [length]"},
	{"model", "ModelDeclaration.ParameterRules[1] parameter_rule", "    type: string\n", "",
		"f.yaml:9:5: error: parameter p has no type [field-type]"},
	{"model", "ModelDeclaration.ParameterRules[1].Type model_parameter_type", "    type: string\n", "    type: sting\n",
		"f.yaml:10:5: error: parameter p has the unknown type sting (did you mean string?) [field-type]"},
	{"model", "ModelDeclaration.ParameterRules[1].Label.EnUS lt", "    label: {en_US: P}\n", "    label: {en_US: <1024>}\n",
		"f.yaml:11:13: warning: parameter p: label must have fewer than 1024 characters [length]"},
	{"model", "ModelDeclaration.ParameterRules[1].Help.EnUS required", "    help: {en_US: H}\n", "    help: {ja_JP: H}\n",
		"f.yaml:12:5: warning: parameter p: help needs an en_US text [label]"},
	{"model", "ModelDeclaration.ParameterRules[1].Help.ZhHans lt", "    help: {en_US: H}\n", "    help: {en_US: H, zh_Hans: <1024>}\n",
		"f.yaml:12:22: warning: parameter p: help must have fewer than 1024 characters [length]"},
	{"model", "ModelDeclaration.ParameterRules[1].Default is_basic_type", "    default: x\n", "    default: [x]\n",
		"f.yaml:13:5: warning: parameter p: the default must be text, a number or a boolean [default-type]"},
	{"model", "ModelDeclaration.ParameterRules[1].Options[0] lt", "    options: [x]\n", "    options: [<1024>, x]\n",
		"f.yaml:14:15: warning: parameter p: an option's value must have fewer than 256 characters [length]"},
	{"model", "ModelDeclaration.PriceConfig.Currency required", "  currency: USD\n", "",
		"f.yaml:15:1: warning: the host requires pricing.currency [required]"},
	{"endpoint", "EndpointDeclaration.Path required", "path: /p\n", "",
		"f.yaml:1:1: warning: the host requires path [identity]"},
	{"endpoint", "EndpointDeclaration.Method required", "method: GET\n", "",
		"f.yaml:1:1: warning: the host requires method [required]"},
	{"endpoint", "EndpointDeclaration.Method is_available_endpoint_method", "method: GET\n", "method: get\n",
		"f.yaml:2:1: warning: method must be one of HEAD, GET, POST, PUT, DELETE, OPTIONS (did you mean GET?) [unknown-word]"},
	{"strategy", "AgentStrategyDeclaration.Identity.ToolIdentity.Author required", "author: a, ", "",
		"f.yaml:1:1: warning: the host requires identity.author [identity]"},
	{"strategy", "AgentStrategyDeclaration.Identity.ToolIdentity.Name required", "name: s, ", "",
		"f.yaml:1:1: warning: the host requires identity.name [identity]"},
	{"strategy", "AgentStrategyDeclaration.Identity.ToolIdentity.Name tool_identity_name", "name: s, ", "name: a b, ",
		"f.yaml:1:23: warning: identity.name may hold only letters, digits, _ and - [identity]"},
	{"strategy", "AgentStrategyDeclaration.Identity.ToolIdentity.Label.EnUS required", "label: {en_US: L}}\n", "label: {}}\n",
		"f.yaml:1:32: warning: the host requires identity.label.en_US [identity]"},
	{"strategy", "AgentStrategyDeclaration.Identity.ToolIdentity.Label.EnUS lt", "label: {en_US: L}}\n", "label: {en_US: <1024>}}\n",
		"f.yaml:1:40: warning: identity.label.en_US must have fewer than 1024 characters [length]"},
	{"strategy", "AgentStrategyDeclaration.Identity.ToolIdentity.Label.ZhHans lt", "label: {en_US: L}}\n", "label: {en_US: L, zh_Hans: <1024>}}\n",
		"f.yaml:1:50: warning: identity.label.zh_Hans must have fewer than 1024 characters [length]"},
	{"strategy", "AgentStrategyDeclaration.Description.EnUS required", "description: {en_US: D}\n", "description: {zh_Hans: D}\n",
		"f.yaml:2:1: warning: the host requires description.en_US [required]"},
	{"strategy", "AgentStrategyDeclaration.Description.PtBr lt", "description: {en_US: D}\n", "description: {en_US: D, pt_BR: <1024>}\n",
		"f.yaml:2:25: warning: description.pt_BR must have fewer than 1024 characters [length]"},
	{"strategy", "AgentStrategyDeclaration.Parameters[0].Name required", "  - name: p\n", "  - name: \"\"\n",
		"f.yaml:5:5: warning: this parameter has no name, so it is left out [nameless-field]"},
	{"strategy", "AgentStrategyDeclaration.Parameters[0].Name lt", "  - name: p\n", "  - name: <1024>\n",
		"f.yaml:5:5: warning: the name of a parameter must have fewer than 1024 characters [length]"},
	{"strategy", "AgentStrategyDeclaration.Parameters[0].Label.EnUS required", "    label: {en_US: L}\n", "    label: {}\n",
		"f.yaml:7:5: warning: parameter p: label needs an en_US text [label]"},
	{"strategy", "AgentStrategyDeclaration.Parameters[0].Label.JaJp lt", "    label: {en_US: L}\n", "    label: {en_US: L, ja_JP: <1024>}\n",
		"f.yaml:7:23: warning: parameter p: label must have fewer than 1024 characters [length]"},
	{"strategy", "AgentStrategyDeclaration.Parameters[0].Type required", "    type: select\n", "",
		"f.yaml:5:5: error: parameter p has no type [field-type]"},
	{"strategy", "AgentStrategyDeclaration.Parameters[0].Type agent_strategy_parameter_type", "    type: select\n", "    type: selct\n",
		"f.yaml:6:5: error: parameter p has the unknown type selct (did you mean select?) [field-type]"},
	{"strategy", "AgentStrategyDeclaration.Parameters[0].Help.EnUS required", "    help: {en_US: H}\n", "    help: {ja_JP: D}\n",
		"f.yaml:8:5: warning: parameter p: help needs an en_US text [label]"},
	{"strategy", "AgentStrategyDeclaration.Parameters[0].Help.EnUS lt", "    help: {en_US: H}\n", "    help: {en_US: <1024>}\n",
		"f.yaml:8:12: warning: parameter p: help must have fewer than 1024 characters [length]"},
	{"strategy", "AgentStrategyDeclaration.Parameters[0].AutoGenerate.Type required", "auto_generate: {type: prompt_instruction}", "auto_generate: {}",
		"f.yaml:10:5: warning: parameter p: auto_generate.type must be one of prompt_instruction [unknown-word]"},
	{"strategy", "AgentStrategyDeclaration.Parameters[0].AutoGenerate.Type parameter_auto_generate_type", "prompt_instruction", "prompt_instructions",
		"f.yaml:10:21: warning: parameter p: auto_generate.type must be one of prompt_instruction (did you mean prompt_instruction?) [unknown-word]"},
	{"strategy", "AgentStrategyDeclaration.Parameters[0].Options[0].Value required", "value: x, ", "",
		"f.yaml:9:5: warning: parameter p: the default is not one of the options [default-value]\nf.yaml:12:9: warning: parameter p: an option has no value [option-value]"},
	{"strategy", "AgentStrategyDeclaration.Parameters[0].Options[0].Label.EnUS required", "label: {en_US: X}", "label: {}",
		"f.yaml:12:20: warning: parameter p: option x needs an en_US label [label]"},
	{"strategy", "AgentStrategyDeclaration.Parameters[0].Options[0].Label.ZhHans lt", "label: {en_US: X}", "label: {en_US: X, zh_Hans: <1024>}",
		"f.yaml:12:38: warning: parameter p: an option's label must have fewer than 1024 characters [length]"},
	{"strategy", "AgentStrategyDeclaration.Parameters[0].Default is_basic_type", "    default: x\n", "    default: [x]\n",
		"f.yaml:9:5: warning: parameter p: the default must be text, a number or a boolean [default-type]"},
	{"strategy", "AgentStrategyDeclaration.Parameters[1].Scope is_scope", "scope: llm", "scope: lmm",
		"f.yaml:13:37: warning: parameter s: for type model-selector, scope must be one of llm, text-embedding, rerank, tts, speech2text, moderation, vision, document, tool-call (did you mean llm?) [scope]"},
	{"strategy", "AgentStrategyDeclaration.Parameters[0].Scope is_scope", "  - name: p\n", "  - name: p\n    scope: llm\n",
		"f.yaml:6:5: warning: parameter p: only a selector can have a scope [scope]"},
	{"strategy", "AgentStrategyDeclaration.Parameters[1].Scope max", "scope: llm", "scope: llm&<1024>",
		"f.yaml:13:37: warning: parameter s: scope must have at most 1024 characters [length]"},
	{"strategy", "AgentStrategyDeclaration.Features[0] lt", "features: [history-messages]", "features: [<1024>]",
		"f.yaml:3:12: warning: a feature must have fewer than 256 characters [length]"},
	{"datasource", "DatasourceDeclaration.Identity.Author required", "author: a, ", "",
		"f.yaml:1:1: warning: the host requires identity.author [identity]"},
	{"datasource", "DatasourceDeclaration.Identity.Name required", "name: d, ", "",
		"f.yaml:1:1: warning: the host requires identity.name [identity]"},
	{"datasource", "DatasourceDeclaration.Identity.Label.EnUS required", "label: {en_US: L}}\n", "label: {}}\n",
		"f.yaml:1:32: warning: the host requires identity.label.en_US [identity]"},
	{"datasource", "DatasourceDeclaration.Identity.Label.EnUS lt", "label: {en_US: L}}\n", "label: {en_US: <1024>}}\n",
		"f.yaml:1:40: warning: identity.label.en_US must have fewer than 1024 characters [length]"},
	{"datasource", "DatasourceDeclaration.Identity.Label.ZhHans lt", "label: {en_US: L}}\n", "label: {en_US: L, zh_Hans: <1024>}}\n",
		"f.yaml:1:50: warning: identity.label.zh_Hans must have fewer than 1024 characters [length]"},
	{"datasource", "DatasourceDeclaration.Description.EnUS required", "description: {en_US: D}\n", "description: {zh_Hans: D}\n",
		"f.yaml:2:1: warning: the host requires description.en_US [required]"},
	{"datasource", "DatasourceDeclaration.Description.PtBr lt", "description: {en_US: D}\n", "description: {en_US: D, pt_BR: <1024>}\n",
		"f.yaml:2:25: warning: description.pt_BR must have fewer than 1024 characters [length]"},
	{"datasource", "DatasourceDeclaration.Parameters[0].Name required", "  - name: p\n", "  - name: \"\"\n",
		"f.yaml:4:5: warning: this parameter has no name, so it is left out [nameless-field]"},
	{"datasource", "DatasourceDeclaration.Parameters[0].Name lt", "  - name: p\n", "  - name: <1024>\n",
		"f.yaml:4:5: warning: the name of a parameter must have fewer than 1024 characters [length]"},
	{"datasource", "DatasourceDeclaration.Parameters[0].Label.EnUS required", "    label: {en_US: L}\n", "    label: {}\n",
		"f.yaml:6:5: warning: parameter p: label needs an en_US text [label]"},
	{"datasource", "DatasourceDeclaration.Parameters[0].Label.JaJp lt", "    label: {en_US: L}\n", "    label: {en_US: L, ja_JP: <1024>}\n",
		"f.yaml:6:23: warning: parameter p: label must have fewer than 1024 characters [length]"},
	{"datasource", "DatasourceDeclaration.Parameters[0].Type required", "    type: select\n", "",
		"f.yaml:4:5: error: parameter p has no type [field-type]"},
	{"datasource", "DatasourceDeclaration.Parameters[0].Type datasource_parameter_type", "    type: select\n", "    type: selct\n",
		"f.yaml:5:5: error: parameter p has the unknown type selct (did you mean select?) [field-type]"},
	{"datasource", "DatasourceDeclaration.Parameters[0].Description.EnUS required", "    description: {en_US: D}\n", "    description: {ja_JP: D}\n",
		"f.yaml:7:5: warning: parameter p: description needs an en_US text [label]"},
	{"datasource", "DatasourceDeclaration.Parameters[0].Description.EnUS lt", "    description: {en_US: D}\n", "    description: {en_US: <1024>}\n",
		"f.yaml:7:19: warning: parameter p: description must have fewer than 1024 characters [length]"},
	{"datasource", "DatasourceDeclaration.Parameters[0].AutoGenerate.Type required", "auto_generate: {type: prompt_instruction}", "auto_generate: {}",
		"f.yaml:9:5: warning: parameter p: auto_generate.type must be one of prompt_instruction [unknown-word]"},
	{"datasource", "DatasourceDeclaration.Parameters[0].AutoGenerate.Type parameter_auto_generate_type", "prompt_instruction", "prompt_instructions",
		"f.yaml:9:21: warning: parameter p: auto_generate.type must be one of prompt_instruction (did you mean prompt_instruction?) [unknown-word]"},
	{"datasource", "DatasourceDeclaration.Parameters[0].Options[0].Value required", "value: x, ", "",
		"f.yaml:8:5: warning: parameter p: the default is not one of the options [default-value]\nf.yaml:11:9: warning: parameter p: an option has no value [option-value]"},
	{"datasource", "DatasourceDeclaration.Parameters[0].Options[0].Label.EnUS required", "label: {en_US: X}", "label: {}",
		"f.yaml:11:20: warning: parameter p: option x needs an en_US label [label]"},
	{"datasource", "DatasourceDeclaration.Parameters[0].Options[0].Label.ZhHans lt", "label: {en_US: X}", "label: {en_US: X, zh_Hans: <1024>}",
		"f.yaml:11:38: warning: parameter p: an option's label must have fewer than 1024 characters [length]"},
	{"datasource", "DatasourceDeclaration.Parameters[0].Default is_basic_type", "    default: x\n", "    default: [x]\n",
		"f.yaml:8:5: warning: parameter p: the default must be text, a number or a boolean [default-type]"},
	{"datasource", "DatasourceDeclaration.Parameters[0].Scope is_scope", "  - name: p\n", "  - name: p\n    scope: llm\n",
		"f.yaml:5:5: warning: parameter p: only a selector can have a scope [scope]"},
	{"event", "EventDeclaration.Identity.Author required", "author: a, ", "",
		"f.yaml:1:1: warning: the host requires identity.author [identity]"},
	{"event", "EventDeclaration.Identity.Name required", "name: e, ", "",
		"f.yaml:1:1: warning: the host requires identity.name [identity]"},
	{"event", "EventDeclaration.Identity.Name event_identity_name", "name: e, ", "name: a b, ",
		"f.yaml:1:23: warning: identity.name may hold only letters, digits, _ and - [identity]"},
	{"event", "EventDeclaration.Identity.Label.EnUS required", "label: {en_US: L}}\n", "label: {}}\n",
		"f.yaml:1:32: warning: the host requires identity.label.en_US [identity]"},
	{"event", "EventDeclaration.Identity.Label.EnUS lt", "label: {en_US: L}}\n", "label: {en_US: <1024>}}\n",
		"f.yaml:1:40: warning: identity.label.en_US must have fewer than 1024 characters [length]"},
	{"event", "EventDeclaration.Identity.Label.ZhHans lt", "label: {en_US: L}}\n", "label: {en_US: L, zh_Hans: <1024>}}\n",
		"f.yaml:1:50: warning: identity.label.zh_Hans must have fewer than 1024 characters [length]"},
	{"event", "EventDeclaration.Description.EnUS required", "description: {en_US: D}\n", "description: {zh_Hans: D}\n",
		"f.yaml:2:1: warning: the host requires description.en_US [required]"},
	{"event", "EventDeclaration.Description.PtBr lt", "description: {en_US: D}\n", "description: {en_US: D, pt_BR: <1024>}\n",
		"f.yaml:2:25: warning: description.pt_BR must have fewer than 1024 characters [length]"},
	{"event", "EventDeclaration.Parameters[0].Name required", "  - name: p\n", "  - name: \"\"\n",
		"f.yaml:4:5: warning: this parameter has no name, so it is left out [nameless-field]"},
	{"event", "EventDeclaration.Parameters[0].Label.EnUS required", "    label: {en_US: L}\n", "    label: {}\n",
		"f.yaml:6:5: warning: parameter p: label needs an en_US text [label]"},
	{"event", "EventDeclaration.Parameters[0].Label.JaJp lt", "    label: {en_US: L}\n", "    label: {en_US: L, ja_JP: <1024>}\n",
		"f.yaml:6:23: warning: parameter p: label must have fewer than 1024 characters [length]"},
	{"event", "EventDeclaration.Parameters[0].Type required", "    type: select\n", "",
		"f.yaml:4:5: error: parameter p has no type [field-type]"},
	{"event", "EventDeclaration.Parameters[0].Type event_parameter_type", "    type: select\n", "    type: selct\n",
		"f.yaml:5:5: error: parameter p has the unknown type selct (did you mean select?) [field-type]"},
	{"event", "EventDeclaration.Parameters[0].Description.EnUS required", "    description: {en_US: D}\n", "    description: {ja_JP: D}\n",
		"f.yaml:7:5: warning: parameter p: description needs an en_US text [label]"},
	{"event", "EventDeclaration.Parameters[0].Description.EnUS lt", "    description: {en_US: D}\n", "    description: {en_US: <1024>}\n",
		"f.yaml:7:19: warning: parameter p: description must have fewer than 1024 characters [length]"},
	{"event", "EventDeclaration.Parameters[0].AutoGenerate.Type required", "auto_generate: {type: prompt_instruction}", "auto_generate: {}",
		"f.yaml:8:5: warning: parameter p: auto_generate.type must be one of prompt_instruction [unknown-word]"},
	{"event", "EventDeclaration.Parameters[0].AutoGenerate.Type parameter_auto_generate_type", "prompt_instruction", "prompt_instructions",
		"f.yaml:8:21: warning: parameter p: auto_generate.type must be one of prompt_instruction (did you mean prompt_instruction?) [unknown-word]"},
	{"event", "EventDeclaration.Parameters[0].Options[0].Value required", "value: x, ", "",
		"f.yaml:10:9: warning: parameter p: an option has no value [option-value]"},
	{"event", "EventDeclaration.Parameters[0].Options[0].Label.EnUS required", "label: {en_US: X}", "label: {}",
		"f.yaml:10:20: warning: parameter p: option x needs an en_US label [label]"},
	{"event", "EventDeclaration.Parameters[0].Options[0].Label.ZhHans lt", "label: {en_US: X}", "label: {en_US: X, zh_Hans: <1024>}",
		"f.yaml:10:38: warning: parameter p: an option's label must have fewer than 1024 characters [length]"},
	{"manifest", "PluginDeclaration.Version required", "version: 0.1.0\ntype", "type",
		"f.yaml:1:1: warning: version is missing [manifest]"},
	{"manifest", "PluginDeclaration.Version version", "version: 0.1.0\ntype", "version: 0.1\ntype",
		"f.yaml:1:1: warning: version must be a version such as 0.1.0 [manifest]"},
	{"manifest", "PluginDeclaration.Type required", "type: plugin\n", "",
		"f.yaml:1:1: warning: type is missing [manifest]"},
	{"manifest", "PluginDeclaration.Type eq", "type: plugin\n", "type: plug\n",
		"f.yaml:2:1: warning: type must be plugin (did you mean plugin?) [manifest]"},
	{"manifest", "PluginDeclaration.Author max", "author: a\n", "author: <1024>\n",
		"f.yaml:3:1: warning: author must be 1 to 64 lowercase letters, digits, _ or - [manifest]"},
	{"manifest", "PluginDeclaration.Name required", "name: n\n", "",
		"f.yaml:1:1: warning: name is missing [manifest]"},
	{"manifest", "PluginDeclaration.Name max", "name: n\n", "name: <1024>\n",
		"f.yaml:4:1: warning: name must be 1 to 128 lowercase letters, digits, _ or - [manifest]"},
	{"manifest", "PluginDeclaration.Label.EnUS required", "label: {en_US: L}\n", "label: {ja_JP: L}\n",
		"f.yaml:5:1: warning: label.en_US is missing [manifest]"},
	{"manifest", "PluginDeclaration.Label.EnUS lt", "label: {en_US: L}\n", "label: {en_US: <1024>}\n",
		"f.yaml:5:9: warning: label.en_US must have fewer than 1024 characters [manifest]"},
	{"manifest", "PluginDeclaration.Description.EnUS required", "description: {en_US: D}\n", "description: {ja_JP: D}\n",
		"f.yaml:6:1: warning: description.en_US is missing [manifest]"},
	{"manifest", "PluginDeclaration.Description.JaJp lt", "description: {en_US: D}\n", "description: {en_US: D, ja_JP: <1024>}\n",
		"f.yaml:6:25: warning: description.ja_JP must have fewer than 1024 characters [manifest]"},
	{"manifest", "PluginDeclaration.Icon required", "icon: i.svg\n", "",
		"f.yaml:1:1: warning: icon is missing [manifest]"},
	{"manifest", "PluginDeclaration.Icon max", "icon: i.svg\n", "icon: <1024>\n",
		"f.yaml:7:1: warning: icon must have at most 128 characters [manifest]"},
	{"manifest", "PluginDeclaration.IconDark max", "icon_dark: d.svg\n", "icon_dark: <1024>\n",
		"f.yaml:8:1: warning: icon_dark must have at most 128 characters [manifest]"},
	{"manifest", "PluginDeclaration.CreatedAt required", "created_at: 2026-01-31T12:00:00Z\n", "",
		"f.yaml:1:1: warning: created_at is missing [manifest]"},
	{"manifest", "PluginDeclaration.Resource.Memory required", "  memory: 1\n", "  memory: 0\n",
		"f.yaml:11:3: warning: resource.memory must be a number of bytes, such as 67108864 [manifest]"},
	{"manifest", "PluginDeclaration.Resource.Permission.Storage.Size min", "size: 1024", "size: 1023",
		"f.yaml:13:30: warning: resource.permission.storage.size must be between 1024 and 1073741824 bytes [manifest]"},
	{"manifest", "PluginDeclaration.Resource.Permission.Storage.Size max", "size: 1024", "size: 1073741825",
		"f.yaml:13:30: warning: resource.permission.storage.size must be between 1024 and 1073741824 bytes [manifest]"},
	{"manifest", "PluginDeclaration.Plugins.Tools[0] max", "[p.yaml]", "[<1024>]",
		"f.yaml:14:19: warning: the name of a provider file must have at most 128 characters [manifest]"},
	{"manifest", "PluginDeclaration.Meta.Version required", "  version: 0.1.0\n  arch", "  arch",
		"f.yaml:15:1: warning: meta.version is missing [manifest]"},
	{"manifest", "PluginDeclaration.Meta.Version version", "  version: 0.1.0\n  arch", "  version: one\n  arch",
		"f.yaml:16:3: warning: meta.version must be a version such as 0.1.0 [manifest]"},
	{"manifest", "PluginDeclaration.Meta.Arch required", "  arch: [amd64]\n", "",
		"f.yaml:15:1: warning: meta.arch is missing [manifest]"},
	{"manifest", "PluginDeclaration.Meta.Arch[0] is_available_arch", "[amd64]", "[arm]",
		"f.yaml:17:10: warning: an architecture in meta.arch must be amd64 or arm64 (did you mean arm64?) [manifest]"},
	{"manifest", "PluginDeclaration.Meta.Runner.Language required", "language: python, ", "",
		"f.yaml:18:3: warning: meta.runner.language is missing [manifest]"},
	{"manifest", "PluginDeclaration.Meta.Runner.Language is_available_language", "language: python", "language: go",
		"f.yaml:18:12: warning: meta.runner.language must be python [manifest]"},
	{"manifest", "PluginDeclaration.Meta.Runner.Version required", "version: \"3.12\", ", "",
		"f.yaml:18:3: warning: meta.runner.version is missing [manifest]"},
	{"manifest", "PluginDeclaration.Meta.Runner.Version max", "version: \"3.12\"", "version: <1024>",
		"f.yaml:18:30: warning: meta.runner.version must have at most 128 characters [manifest]"},
	{"manifest", "PluginDeclaration.Meta.Runner.Entrypoint required", ", entrypoint: main", "",
		"f.yaml:18:3: warning: meta.runner.entrypoint is missing [manifest]"},
	{"manifest", "PluginDeclaration.Meta.Runner.Entrypoint max", "entrypoint: main", "entrypoint: <1024>",
		"f.yaml:18:47: warning: meta.runner.entrypoint must have at most 256 characters [manifest]"},
	{"manifest", "PluginDeclaration.Tags[0] plugin_tag", "tags: [search]", "tags: [serch]",
		"f.yaml:19:8: warning: the host does not know the tag serch; it knows agent, business, design, education, entertainment, finance, image, medical, news, other, productivity, rag, search, social, travel, trigger, utilities, videos, weather (did you mean search?) [tag]"},
	{"manifest", "PluginDeclaration.Repo url", "repo: https://example.com", "repo: example.com",
		"f.yaml:20:1: warning: repo must be a link that a browser can open, such as https://example.com/repo [manifest]"},
	{"manifest", "ManifestValidate author pattern", "author: a\n", "author: Me\n",
		"f.yaml:3:1: warning: author must be 1 to 64 lowercase letters, digits, _ or - [manifest]"},
	{"manifest", "ManifestValidate author missing", "author: a\n", "",
		"f.yaml:1:1: warning: author is missing [manifest]"},
	{"manifest", "ManifestValidate name pattern", "name: n\n", "name: N\n",
		"f.yaml:4:1: warning: name must be 1 to 128 lowercase letters, digits, _ or - [manifest]"},
}

// TestFileRules checks that each rule that an item or a manifest breaks has one exact
// diagnostic.
func TestFileRules(t *testing.T) {
	t.Parallel()
	for kind, yaml := range acceptableFiles {
		if got := diagnoseFile(kind, yaml); got != "" {
			t.Errorf("the acceptable %s: %s", kind, got)
		}
	}
	for _, test := range fileRules {
		yaml := acceptableFiles[test.kind]
		if !strings.Contains(yaml, test.old) {
			t.Errorf("%s: the %s has no %q", test.rule, test.kind, test.old)
		}
		if diff := cmp.Diff(test.want, diagnoseFile(test.kind, strings.Replace(yaml, test.old, repeated(test.new), 1))); diff != "" {
			t.Errorf("%s %q (-want +got):\n%s", test.rule, test.new, diff)
		}
	}
}

// diagnoseFile returns the diagnostics of an item or a manifest, a line for each.
func diagnoseFile(kind, yaml string) string {
	var findings model.Findings
	if kind == "manifest" {
		var manifest model.Manifest
		manifest, findings = model.LoadManifest("f.yaml", []byte(yaml))
		findings.Merge(manifest.Check())
	} else {
		provider, _ := model.KindOfItem(kind)
		_, findings = model.LoadItem("f.yaml", []byte(yaml), provider)
	}
	var lines []string
	for _, d := range findings.Settle() {
		lines = append(lines, d.String())
	}
	return strings.Join(lines, "\n")
}

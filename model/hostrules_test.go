package model_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/model"
)

// acceptable are provider files that break no rule of the host and have no warning.
var acceptable = map[model.Kind]string{
	model.KindTool: identityYAML + `credentials_for_provider:
  f:
    type: select
    label: {en_US: L}
    help: {en_US: H}
    placeholder: {en_US: P}
    default: x
    options:
      - {value: x, label: {en_US: X}}
oauth_schema:
  client_schema:
    - {name: c, type: text-input, label: {en_US: L}, url: "https://example.com"}
  credentials_schema:
    - {name: t, type: secret-input, label: {en_US: L}}
`,
	model.KindDatasource: identityYAML + `provider_type: online_drive
credentials_schema:
  - {name: f, type: text-input, label: {en_US: L}}
oauth_schema:
  client_schema:
    - {name: c, type: text-input, label: {en_US: L}, url: "https://example.com"}
  credentials_schema:
    - {name: t, type: secret-input, label: {en_US: L}}
`,
	model.KindTrigger: identityYAML + `subscription_schema: []
subscription_constructor:
  parameters:
    - name: f
      type: select
      label: {en_US: L}
      description: {en_US: D}
      auto_generate: {type: prompt_instruction}
      options:
        - {value: x, label: {en_US: X}}
  credentials_schema:
    f: {type: text-input, label: {en_US: L}}
  oauth_schema:
    client_schema:
      - {name: c, type: text-input, label: {en_US: L}, url: "https://example.com"}
    credentials_schema:
      - {name: t, type: secret-input, label: {en_US: L}}
`,
	model.KindEndpoint: `settings:
  - {name: f, type: text-input, label: {en_US: L}}
endpoints: []
`,
	model.KindAgentStrategy: identityYAML + "strategies: []\n",
	model.KindModel: `provider: p
label: {en_US: L}
description: {en_US: D}
icon_small: {en_US: i.svg}
icon_large: {en_US: i.svg}
icon_small_dark: {en_US: i.svg}
icon_large_dark: {en_US: i.svg}
help:
  title: {en_US: T}
  url: {en_US: "https://example.com"}
supported_model_types: [llm]
configurate_methods: [predefined-model]
provider_credential_schema:
  credential_form_schemas:
    - variable: f
      required: true
      type: select
      label: {en_US: L}
      help: {en_US: H}
      placeholder: {en_US: P}
      default: x
      options:
        - {value: x, label: {en_US: X}, show_on: [{variable: g, value: v}]}
      show_on:
        - {variable: g, value: v}
    - {variable: g, required: true, type: text-input, label: {en_US: L}}
model_credential_schema:
  model:
    label: {en_US: M}
    placeholder: {en_US: P}
  credential_form_schemas:
    - {variable: m, required: true, type: text-input, label: {en_US: L}}
`,
}

const identityYAML = `identity:
  author: a
  name: p
  description: {en_US: D}
  icon: i.svg
  label: {en_US: L}
  tags: [search]
`

// hostRules has every rule that the host's structs declare for providers, by the path in
// the structs and the validator's tag. Replacing the text old of the acceptable file with
// the text new breaks that rule alone. Items in a provider file have rules of their own.
var hostRules = []struct {
	kind           model.Kind
	rule           string
	old, new, want string
}{
	{model.KindTool, "ToolProviderDeclaration.Identity.Author required", "  author: a\n", "",
		"p.yaml:1:1: warning: the host requires identity.author [identity]"},
	{model.KindTool, "ToolProviderDeclaration.Identity.Name required", "name: p", "name:",
		"p.yaml:3:3: warning: the host requires identity.name [identity]"},
	{model.KindTool, "ToolProviderDeclaration.Identity.Icon required", "  icon: i.svg\n", "",
		"p.yaml:1:1: warning: the host requires identity.icon [identity]"},
	{model.KindTool, "ToolProviderDeclaration.Identity.Label.EnUS required", "  label: {en_US: L}\n", "  label: {zh_Hans: L}\n",
		"p.yaml:6:3: warning: the host requires identity.label.en_US [identity]"},
	{model.KindTool, "ToolProviderDeclaration.Identity.Description.EnUS required", "{en_US: D}", "{}",
		"p.yaml:4:3: warning: the host requires identity.description.en_US [identity]"},
	{model.KindTool, "ToolProviderDeclaration.Identity.Tags[1] plugin_tag", "[search]", "[search, weathr]",
		"p.yaml:7:18: warning: the host does not know the tag weathr; it knows agent, business, design, education, entertainment, finance, image, medical, news, other, productivity, rag, search, social, travel, trigger, utilities, videos, weather (did you mean weather?) [tag]"},
	{model.KindTool, "ToolProviderDeclaration.Identity.Name tool_provider_identity_name", "name: p", "name: p.q",
		"p.yaml:3:3: warning: identity.name may hold only letters, digits, _ and - [identity]"},
	{model.KindTool, "ToolProviderDeclaration.Identity.Tags[0] plugin_tag", "[search]", "[flowers]",
		"p.yaml:7:10: warning: the host does not know the tag flowers; it knows agent, business, design, education, entertainment, finance, image, medical, news, other, productivity, rag, search, social, travel, trigger, utilities, videos, weather [tag]"},
	{model.KindTool, "ToolProviderDeclaration.Identity.Label.EnUS lt", "  label: {en_US: L}\n  tags", "  label: {en_US: <1024>}\n  tags",
		"p.yaml:6:11: warning: identity.label.en_US must have fewer than 1024 characters [length]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Help.EnUS lt", "{en_US: H}", "{en_US: <1024>}",
		"p.yaml:12:12: warning: field f: help must have fewer than 1024 characters [length]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Options[0].Label.EnUS lt", "{en_US: X}", "{en_US: <1024>}",
		"p.yaml:16:28: warning: field f: an option's label must have fewer than 1024 characters [length]"},
	{model.KindTool, "ToolProviderDeclaration.Identity.Label.ZhHans lt", "  label: {en_US: L}\n  tags", "  label: {en_US: L, zh_Hans: <1024>}\n  tags",
		"p.yaml:6:21: warning: identity.label.zh_Hans must have fewer than 1024 characters [length]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Help.ZhHans lt", "{en_US: H}", "{en_US: L, zh_Hans: <1024>}",
		"p.yaml:12:22: warning: field f: help must have fewer than 1024 characters [length]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Options[0].Label.ZhHans lt", "{en_US: X}", "{en_US: L, zh_Hans: <1024>}",
		"p.yaml:16:38: warning: field f: an option's label must have fewer than 1024 characters [length]"},
	{model.KindTool, "ToolProviderDeclaration.Identity.Label.JaJp lt", "  label: {en_US: L}\n  tags", "  label: {en_US: L, ja_JP: <1024>}\n  tags",
		"p.yaml:6:21: warning: identity.label.ja_JP must have fewer than 1024 characters [length]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Help.JaJp lt", "{en_US: H}", "{en_US: L, ja_JP: <1024>}",
		"p.yaml:12:22: warning: field f: help must have fewer than 1024 characters [length]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Options[0].Label.JaJp lt", "{en_US: X}", "{en_US: L, ja_JP: <1024>}",
		"p.yaml:16:38: warning: field f: an option's label must have fewer than 1024 characters [length]"},
	{model.KindTool, "ToolProviderDeclaration.Identity.Label.PtBr lt", "  label: {en_US: L}\n  tags", "  label: {en_US: L, pt_BR: <1024>}\n  tags",
		"p.yaml:6:21: warning: identity.label.pt_BR must have fewer than 1024 characters [length]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Help.PtBr lt", "{en_US: H}", "{en_US: L, pt_BR: <1024>}",
		"p.yaml:12:22: warning: field f: help must have fewer than 1024 characters [length]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Options[0].Label.PtBr lt", "{en_US: X}", "{en_US: L, pt_BR: <1024>}",
		"p.yaml:16:38: warning: field f: an option's label must have fewer than 1024 characters [length]"},
	{model.KindTool, "ToolProviderDeclaration.Identity.Description.EnUS lt", "{en_US: D}", "{en_US: <1024>}",
		"p.yaml:4:17: warning: identity.description.en_US must have fewer than 1024 characters [length]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Name lt", "  f:\n", "  <1024>:\n",
		"p.yaml:9:3: warning: the name of a field must have fewer than 1024 characters [length]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Type required", "    type: select\n", "",
		"p.yaml:9:3: error: field f has no type [field-type]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Type credential_type", "type: select", "type: selecct",
		"p.yaml:10:5: error: field f has the unknown type selecct (did you mean select?) [field-type]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Type credential_type", "type: select", "type: radio",
		"p.yaml:10:5: warning: field f: the host does not know the type radio here (did you mean select?) [field-type]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Label.EnUS required", "    label: {en_US: L}\n    help", "    help",
		"p.yaml:9:3: warning: field f: label is missing [label]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Label.EnUS required", "    label: {en_US: L}\n    help", "    label: {ja_JP: L}\n    help",
		"p.yaml:11:5: warning: field f: label needs an en_US text [label]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Help.EnUS required", "{en_US: H}", "{}",
		"p.yaml:12:5: warning: field f: help needs an en_US text [label]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Placeholder.EnUS required", "{en_US: P}", "{en_US: \"\"}",
		"p.yaml:13:19: warning: field f: placeholder needs an en_US text [label]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Default is_basic_type", "default: x", "default: [x]",
		"p.yaml:14:5: warning: field f: the default must be text, a number or a boolean [default-type]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Scope is_scope", "default: x", "scope: llm",
		"p.yaml:14:5: warning: field f: only a selector can have a scope [scope]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Scope is_scope", "type: select", "scope: chta\n    type: app-selector",
		"p.yaml:10:5: warning: field f: for type app-selector, scope must be one of all, chat, workflow, completion (did you mean chat?) [scope]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Scope is_scope", "type: select", "scope: documents\n    type: model-selector",
		"p.yaml:10:5: warning: field f: for type model-selector, scope must be one of llm, text-embedding, rerank, tts, speech2text, moderation, vision, document, tool-call (did you mean document?) [scope]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Scope is_scope", "type: select", "scope: all\n    type: \"array[tools]\"",
		"p.yaml:10:5: warning: field f: only a selector can have a scope [scope]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Options lt", "default: x\n    options:\n      - {value: x, label: {en_US: X}}", "options: [<128 {value: x#, label: {en_US: X}}>]",
		"p.yaml:14:5: warning: field f: there must be fewer than 128 options [length]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Options[0].Value required", "    default: x\n    options:\n      - {value: x,", "    options:\n      - {value: \"\",",
		"p.yaml:15:10: warning: field f: an option has no value [option-value]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Options[0].Value lt", "    default: x\n    options:\n      - {value: x,", "    options:\n      - {value: <128>,",
		"p.yaml:15:10: warning: field f: an option's value must have fewer than 128 characters [length]"},
	{model.KindTool, "ToolProviderDeclaration.CredentialsSchema[0].Options[0].Label.EnUS required", "{en_US: X}", "{}",
		"p.yaml:16:20: warning: field f: option x needs an en_US label [label]"},
	{model.KindTool, "ToolProviderDeclaration.OAuthSchema.ClientSchema[0].Label.EnUS required", "label: {en_US: L}, url", "label: {}, url",
		"p.yaml:19:35: warning: field c: label needs an en_US text [label]"},
	{model.KindTool, "ToolProviderDeclaration.OAuthSchema.CredentialsSchema[0].Type credential_type", "secret-input", "secret_input",
		"p.yaml:21:17: error: field t has the unknown type secret_input (did you mean secret-input?) [field-type]"},
	{model.KindDatasource, "DatasourceProviderDeclaration.Identity.Author required", "  author: a\n", "",
		"p.yaml:1:1: warning: the host requires identity.author [identity]"},
	{model.KindDatasource, "DatasourceProviderDeclaration.Identity.Name required", "name: p", "name:",
		"p.yaml:3:3: warning: the host requires identity.name [identity]"},
	{model.KindDatasource, "DatasourceProviderDeclaration.Identity.Icon required", "  icon: i.svg\n", "",
		"p.yaml:1:1: warning: the host requires identity.icon [identity]"},
	{model.KindDatasource, "DatasourceProviderDeclaration.Identity.Label.EnUS required", "  label: {en_US: L}\n", "  label: {zh_Hans: L}\n",
		"p.yaml:6:3: warning: the host requires identity.label.en_US [identity]"},
	{model.KindDatasource, "DatasourceProviderDeclaration.Identity.Description.EnUS required", "{en_US: D}", "{}",
		"p.yaml:4:3: warning: the host requires identity.description.en_US [identity]"},
	{model.KindDatasource, "DatasourceProviderDeclaration.Identity.Tags[1] plugin_tag", "[search]", "[search, weathr]",
		"p.yaml:7:18: warning: the host does not know the tag weathr; it knows agent, business, design, education, entertainment, finance, image, medical, news, other, productivity, rag, search, social, travel, trigger, utilities, videos, weather (did you mean weather?) [tag]"},
	{model.KindDatasource, "DatasourceProviderDeclaration.ProviderType required", "provider_type: online_drive\n", "",
		"p.yaml:1:1: warning: provider_type must be one of website_crawl, online_document, online_drive; else there is no code for the data sources [identity]"},
	{model.KindDatasource, "DatasourceProviderDeclaration.ProviderType datasource_provider_type", "online_drive", "online-drive",
		"p.yaml:8:1: warning: provider_type must be one of website_crawl, online_document, online_drive; else there is no code for the data sources (did you mean online_drive?) [identity]"},
	{model.KindDatasource, "DatasourceProviderDeclaration.CredentialsSchema[0].Label.EnUS required", "type: text-input, label: {en_US: L}}\noauth", "type: text-input}\noauth",
		"p.yaml:10:5: warning: field f: label is missing [label]"},
	{model.KindDatasource, "DatasourceProviderDeclaration.OAuthSchema.ClientSchema[0].Type required", "{name: c, type: text-input,", "{name: c,",
		"p.yaml:13:7: error: field c has no type [field-type]"},
	{model.KindDatasource, "DatasourceProviderDeclaration.OAuthSchema.CredentialsSchema[0].Label.EnUS required", "secret-input, label: {en_US: L}", "secret-input, label: {}",
		"p.yaml:15:37: warning: field t: label needs an en_US text [label]"},
	{model.KindTrigger, "TriggerProviderDeclaration.Identity.Author required", "  author: a\n", "",
		"p.yaml:1:1: warning: the host requires identity.author [identity]"},
	{model.KindTrigger, "TriggerProviderDeclaration.Identity.Name required", "name: p", "name:",
		"p.yaml:3:3: warning: the host requires identity.name [identity]"},
	{model.KindTrigger, "TriggerProviderDeclaration.Identity.Icon required", "  icon: i.svg\n", "",
		"p.yaml:1:1: warning: the host requires identity.icon [identity]"},
	{model.KindTrigger, "TriggerProviderDeclaration.Identity.Label.EnUS required", "  label: {en_US: L}\n", "  label: {zh_Hans: L}\n",
		"p.yaml:6:3: warning: the host requires identity.label.en_US [identity]"},
	{model.KindTrigger, "TriggerProviderDeclaration.Identity.Description.EnUS required", "{en_US: D}", "{}",
		"p.yaml:4:3: warning: the host requires identity.description.en_US [identity]"},
	{model.KindTrigger, "TriggerProviderDeclaration.Identity.Tags[1] plugin_tag", "[search]", "[search, weathr]",
		"p.yaml:7:18: warning: the host does not know the tag weathr; it knows agent, business, design, education, entertainment, finance, image, medical, news, other, productivity, rag, search, social, travel, trigger, utilities, videos, weather (did you mean weather?) [tag]"},
	{model.KindTrigger, "TriggerProviderDeclaration.Identity.Name tool_provider_identity_name", "name: p", "name: p q",
		"p.yaml:3:3: warning: identity.name may hold only letters, digits, _ and - [identity]"},
	{model.KindTrigger, "TriggerProviderDeclaration.SubscriptionConstructor.Parameters[0].Name required", "name: f\n      ", "",
		"p.yaml:11:7: warning: this parameter has no name, so it is left out [nameless-field]"},
	{model.KindTrigger, "TriggerProviderDeclaration.SubscriptionConstructor.Parameters[0].Label.EnUS required", "{en_US: L}\n      desc", "{}\n      desc",
		"p.yaml:13:7: warning: parameter f: label needs an en_US text [label]"},
	{model.KindTrigger, "TriggerProviderDeclaration.SubscriptionConstructor.Parameters[0].Type required", "      type: select\n", "",
		"p.yaml:11:7: error: parameter f has no type [field-type]"},
	{model.KindTrigger, "TriggerProviderDeclaration.SubscriptionConstructor.Parameters[0].Type event_parameter_type", "type: select", "type: selecct",
		"p.yaml:12:7: error: parameter f has the unknown type selecct (did you mean select?) [field-type]"},
	{model.KindTrigger, "TriggerProviderDeclaration.SubscriptionConstructor.Parameters[0].Type event_parameter_type", "type: select", "type: secret-input",
		"p.yaml:12:7: warning: parameter f: the host does not know the type secret-input here (did you mean string?) [field-type]"},
	{model.KindTrigger, "TriggerProviderDeclaration.SubscriptionConstructor.Parameters[0].Description.EnUS required", "      description: {en_US: D}", "      description: {}",
		"p.yaml:14:7: warning: parameter f: description needs an en_US text [label]"},
	{model.KindTrigger, "TriggerProviderDeclaration.SubscriptionConstructor.Parameters[0].AutoGenerate.Type required", "{type: prompt_instruction}", "{}",
		"p.yaml:15:7: warning: parameter f: auto_generate.type must be one of prompt_instruction [unknown-word]"},
	{model.KindTrigger, "TriggerProviderDeclaration.SubscriptionConstructor.Parameters[0].AutoGenerate.Type parameter_auto_generate_type", "prompt_instruction", "prompt",
		"p.yaml:15:23: warning: parameter f: auto_generate.type must be one of prompt_instruction (did you mean prompt_instruction?) [unknown-word]"},
	{model.KindTrigger, "TriggerProviderDeclaration.SubscriptionConstructor.Parameters[0].Options[0].Value required", "{value: x, ", "{value: null, ",
		"p.yaml:17:12: warning: parameter f: an option has no value [option-value]"},
	{model.KindTrigger, "TriggerProviderDeclaration.SubscriptionConstructor.Parameters[0].Options[0].Label.EnUS required", "{en_US: X}", "{}",
		"p.yaml:17:22: warning: parameter f: option x needs an en_US label [label]"},
	{model.KindTrigger, "TriggerProviderDeclaration.SubscriptionConstructor.CredentialsSchema[0].Label.EnUS required", "f: {type: text-input, label: {en_US: L}}", "f: {type: text-input}",
		"p.yaml:19:5: warning: field f: label is missing [label]"},
	{model.KindTrigger, "TriggerProviderDeclaration.SubscriptionConstructor.OAuthSchema.ClientSchema[0].Label.EnUS required", "label: {en_US: L}, url", "label: {}, url",
		"p.yaml:22:37: warning: field c: label needs an en_US text [label]"},
	{model.KindTrigger, "TriggerProviderDeclaration.SubscriptionConstructor.OAuthSchema.CredentialsSchema[0].Type required", "type: secret-input, ", "",
		"p.yaml:24:9: error: field t has no type [field-type]"},
	{model.KindEndpoint, "EndpointProviderDeclaration.Settings[0].Label.EnUS required", ", label: {en_US: L}", "",
		"p.yaml:2:5: warning: field f: label is missing [label]"},
	{model.KindEndpoint, "EndpointProviderDeclaration.Settings[0].Type credential_type", "text-input", "password",
		"p.yaml:2:15: error: field f has the unknown type password (did you mean secret-input?) [field-type]"},
	{model.KindAgentStrategy, "AgentStrategyProviderDeclaration.Identity.ToolProviderIdentity.Author required", "  author: a\n", "",
		"p.yaml:1:1: warning: the host requires identity.author [identity]"},
	{model.KindAgentStrategy, "AgentStrategyProviderDeclaration.Identity.ToolProviderIdentity.Name required", "name: p", "name:",
		"p.yaml:3:3: warning: the host requires identity.name [identity]"},
	{model.KindAgentStrategy, "AgentStrategyProviderDeclaration.Identity.ToolProviderIdentity.Icon required", "  icon: i.svg\n", "",
		"p.yaml:1:1: warning: the host requires identity.icon [identity]"},
	{model.KindAgentStrategy, "AgentStrategyProviderDeclaration.Identity.ToolProviderIdentity.Label.EnUS required", "  label: {en_US: L}\n", "  label: {zh_Hans: L}\n",
		"p.yaml:6:3: warning: the host requires identity.label.en_US [identity]"},
	{model.KindAgentStrategy, "AgentStrategyProviderDeclaration.Identity.ToolProviderIdentity.Description.EnUS required", "{en_US: D}", "{}",
		"p.yaml:4:3: warning: the host requires identity.description.en_US [identity]"},
	{model.KindAgentStrategy, "AgentStrategyProviderDeclaration.Identity.ToolProviderIdentity.Tags[1] plugin_tag", "[search]", "[search, weathr]",
		"p.yaml:7:18: warning: the host does not know the tag weathr; it knows agent, business, design, education, entertainment, finance, image, medical, news, other, productivity, rag, search, social, travel, trigger, utilities, videos, weather (did you mean weather?) [tag]"},
	{model.KindAgentStrategy, "AgentStrategyProviderDeclaration.Identity.ToolProviderIdentity.Name tool_provider_identity_name", "name: p", "name: é",
		"p.yaml:3:3: warning: identity.name may hold only letters, digits, _ and - [identity]"},
	{model.KindModel, "ModelProviderDeclaration.Provider required", "provider: p\n", "",
		"p.yaml:1:1: warning: the host requires provider [identity]"},
	{model.KindModel, "ModelProviderDeclaration.Provider lt", "provider: p\n", "provider: <256>\n",
		"p.yaml:1:1: warning: provider must have fewer than 256 characters [length]"},
	{model.KindModel, "ModelProviderDeclaration.Label.EnUS required", "p\nlabel: {en_US: L}", "p\nlabel: {zh_Hans: L}",
		"p.yaml:2:1: warning: the host requires label.en_US [identity]"},
	{model.KindModel, "ModelProviderDeclaration.Label.JaJp lt", "p\nlabel: {en_US: L}", "p\nlabel: {en_US: L, ja_JP: <1024>}",
		"p.yaml:2:19: warning: label.ja_JP must have fewer than 1024 characters [length]"},
	{model.KindModel, "ModelProviderDeclaration.Description.EnUS required", "description: {en_US: D}", "description: {}",
		"p.yaml:3:1: warning: the host requires description.en_US [identity]"},
	{model.KindModel, "ModelProviderDeclaration.IconSmall.EnUS required", "icon_small: {en_US: i.svg}", "icon_small: {zh_Hans: i.svg}",
		"p.yaml:4:1: warning: the host requires icon_small.en_US [identity]"},
	{model.KindModel, "ModelProviderDeclaration.IconLarge.EnUS required", "icon_large: {en_US: i.svg}", "icon_large: {zh_Hans: i.svg}",
		"p.yaml:5:1: warning: the host requires icon_large.en_US [identity]"},
	{model.KindModel, "ModelProviderDeclaration.IconSmallDark.EnUS required", "icon_small_dark: {en_US: i.svg}", "icon_small_dark: {zh_Hans: i.svg}",
		"p.yaml:6:1: warning: the host requires icon_small_dark.en_US [identity]"},
	{model.KindModel, "ModelProviderDeclaration.IconLargeDark.EnUS required", "icon_large_dark: {en_US: i.svg}", "icon_large_dark: {zh_Hans: i.svg}",
		"p.yaml:7:1: warning: the host requires icon_large_dark.en_US [identity]"},
	{model.KindModel, "ModelProviderDeclaration.Help.Title.EnUS required", "  title: {en_US: T}\n", "",
		"p.yaml:8:1: warning: the host requires help.title.en_US [identity]"},
	{model.KindModel, "ModelProviderDeclaration.Help.URL.EnUS required", "  url: {en_US: \"https://example.com\"}", "  url: {zh_Hans: \"https://example.com\"}",
		"p.yaml:10:3: warning: the host requires help.url.en_US [identity]"},
	{model.KindModel, "ModelProviderDeclaration.SupportedModelTypes required", "supported_model_types: [llm]\n", "",
		"p.yaml:1:1: warning: the host requires supported_model_types [identity]"},
	{model.KindModel, "ModelProviderDeclaration.SupportedModelTypes lte", "[llm]", "[<17 llm>]",
		"p.yaml:11:1: warning: supported_model_types must have at most 16 items [length]"},
	{model.KindModel, "ModelProviderDeclaration.SupportedModelTypes[1] model_type", "[llm]", "[llm, text_embedding]",
		"p.yaml:11:30: warning: supported_model_types: the host does not know text_embedding; it knows llm, text-embedding, rerank, speech2text, moderation, tts, text2img, multimodal-embedding, multimodal-rerank (did you mean text-embedding?) [unknown-word]"},
	{model.KindModel, "ModelProviderDeclaration.SupportedModelTypes[0] model_type", "[llm]", "[poems]",
		"p.yaml:11:25: warning: supported_model_types: the host does not know poems; it knows llm, text-embedding, rerank, speech2text, moderation, tts, text2img, multimodal-embedding, multimodal-rerank [unknown-word]"},
	{model.KindModel, "ModelProviderDeclaration.ConfigurateMethods required", "configurate_methods: [predefined-model]\n", "",
		"p.yaml:1:1: warning: the host requires configurate_methods [identity]"},
	{model.KindModel, "ModelProviderDeclaration.ConfigurateMethods lte", "[predefined-model]", "[<17 predefined-model>]",
		"p.yaml:12:1: warning: configurate_methods must have at most 16 items [length]"},
	{model.KindModel, "ModelProviderDeclaration.ConfigurateMethods[0] model_provider_configurate_method", "[predefined-model]", "[predefined_model]",
		"p.yaml:12:23: warning: configurate_methods: the host does not know predefined_model; it knows predefined-model, customizable-model (did you mean predefined-model?) [unknown-word]"},
	{model.KindModel, "ModelProviderDeclaration.ConfigurateMethods[0] model_provider_configurate_method", "[predefined-model]", "[manual]",
		"p.yaml:12:23: warning: configurate_methods: the host does not know manual; it knows predefined-model, customizable-model [unknown-word]"},
	{model.KindModel, "ModelProviderDeclaration.ModelCredentialSchema.Model.Label.EnUS required", "label: {en_US: M}", "label: {}",
		"p.yaml:29:5: warning: the host requires model_credential_schema.model.label.en_US [identity]"},
	{model.KindModel, "ModelProviderDeclaration.ModelCredentialSchema.Model.Placeholder.EnUS required", "    placeholder: {en_US: P}\n  cred", "    placeholder: {}\n  cred",
		"p.yaml:30:5: warning: the host requires model_credential_schema.model.placeholder.en_US [identity]"},
	{model.KindModel, "ModelProviderDeclaration.ProviderCredentialSchema.CredentialFormSchemas[0].Variable required", "variable: f\n      ", "",
		"p.yaml:15:7: warning: this field has no variable, so it is left out [nameless-field]"},
	{model.KindModel, "ModelProviderDeclaration.ProviderCredentialSchema.CredentialFormSchemas[0].Variable lt", "variable: f\n", "variable: <256>\n",
		"p.yaml:15:7: warning: the variable of a field must have fewer than 256 characters [length]"},
	{model.KindModel, "ModelProviderDeclaration.ProviderCredentialSchema.CredentialFormSchemas[0].Type required", "      type: select\n", "",
		"p.yaml:15:7: error: field f has no type [field-type]"},
	{model.KindModel, "ModelProviderDeclaration.ProviderCredentialSchema.CredentialFormSchemas[0].Type model_provider_form_type", "type: select", "type: app-selector",
		"p.yaml:17:7: warning: field f: the host does not know the type app-selector here [field-type]"},
	{model.KindModel, "ModelProviderDeclaration.ProviderCredentialSchema.CredentialFormSchemas[0].Type model_provider_form_type", "type: select", "type: selecct",
		"p.yaml:17:7: error: field f has the unknown type selecct (did you mean select?) [field-type]"},
	{model.KindModel, "ModelProviderDeclaration.ProviderCredentialSchema.CredentialFormSchemas[0].Label.EnUS required", "{en_US: L}\n      help", "{}\n      help",
		"p.yaml:18:7: warning: field f: label needs an en_US text [label]"},
	{model.KindModel, "ModelProviderDeclaration.ProviderCredentialSchema.CredentialFormSchemas[0].Help.EnUS required", "{en_US: H}", "{}",
		"p.yaml:19:7: warning: field f: help needs an en_US text [label]"},
	{model.KindModel, "ModelProviderDeclaration.ProviderCredentialSchema.CredentialFormSchemas[0].Placeholder.EnUS required", "placeholder: {en_US: P}\n      default", "placeholder: {}\n      default",
		"p.yaml:20:7: warning: field f: placeholder needs an en_US text [label]"},
	{model.KindModel, "ModelProviderDeclaration.ProviderCredentialSchema.CredentialFormSchemas[0].Options lte", "default: x\n      options:\n        - {value: x, label: {en_US: X}, show_on: [{variable: g, value: v}]}", "options: [<129 {value: x#, label: {en_US: X}}>]",
		"p.yaml:21:7: warning: field f: there must be fewer than 129 options [length]"},
	{model.KindModel, "ModelProviderDeclaration.ProviderCredentialSchema.CredentialFormSchemas[0].Options[0].Value required", "      default: x\n      options:\n        - {value: x,", "      options:\n        - {value: \"\",",
		"p.yaml:22:12: warning: field f: an option has no value [option-value]"},
	{model.KindModel, "ModelProviderDeclaration.ProviderCredentialSchema.CredentialFormSchemas[0].Options[0].Value lt", "      default: x\n      options:\n        - {value: x,", "      options:\n        - {value: <256>,",
		"p.yaml:22:12: warning: field f: an option's value must have fewer than 256 characters [length]"},
	{model.KindModel, "ModelProviderDeclaration.ProviderCredentialSchema.CredentialFormSchemas[0].Options[0].Label.EnUS required", "{en_US: X}", "{}",
		"p.yaml:23:22: warning: field f: option x needs an en_US label [label]"},
	{model.KindModel, "ModelProviderDeclaration.ProviderCredentialSchema.CredentialFormSchemas[0].Options[0].ShowOn lte", "show_on: [{variable: g, value: v}]", "show_on: [<17 {variable: g, value: v}>]",
		"p.yaml:23:41: warning: field f: there must be at most 16 conditions [show-on]"},
	{model.KindModel, "ModelProviderDeclaration.ProviderCredentialSchema.CredentialFormSchemas[0].Options[0].ShowOn[0].Variable required", "show_on: [{variable: g, value: v}]", "show_on: [{value: v}]",
		"p.yaml:23:51: warning: field f: a condition needs a variable [show-on]"},
	{model.KindModel, "ModelProviderDeclaration.ProviderCredentialSchema.CredentialFormSchemas[0].Options[0].ShowOn[0].Value required", "show_on: [{variable: g, value: v}]", "show_on: [{variable: g}]",
		"p.yaml:23:51: warning: field f: a condition needs a value [show-on]"},
	{model.KindModel, "ModelProviderDeclaration.ProviderCredentialSchema.CredentialFormSchemas[0].ShowOn lte", "      show_on:\n        - {variable: g, value: v}", "      show_on: [<17 {variable: g, value: v}>]",
		"p.yaml:24:7: warning: field f: there must be at most 16 conditions [show-on]"},
	{model.KindModel, "ModelProviderDeclaration.ProviderCredentialSchema.CredentialFormSchemas[0].ShowOn[0].Variable required", "        - {variable: g, value: v}", "        - {value: v}",
		"p.yaml:25:11: warning: field f: a condition needs a variable [show-on]"},
	{model.KindModel, "ModelProviderDeclaration.ProviderCredentialSchema.CredentialFormSchemas[0].ShowOn[0].Variable lt", "        - {variable: g, value: v}", "        - {variable: <256>, value: v}",
		"p.yaml:25:12: warning: field f: a condition's variable must have fewer than 256 characters [length]\np.yaml:25:12: warning: field f: this form has no field \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…\" [never-shown]"},
	{model.KindModel, "ModelProviderDeclaration.ProviderCredentialSchema.CredentialFormSchemas[0].ShowOn[0].Value required", "        - {variable: g, value: v}", "        - {variable: g, value: }",
		"p.yaml:25:25: warning: field f: a condition needs a value [show-on]"},
	{model.KindModel, "ModelProviderDeclaration.ProviderCredentialSchema.CredentialFormSchemas[0].ShowOn[0].Value lt", "        - {variable: g, value: v}", "        - {variable: g, value: <256>}",
		"p.yaml:25:25: warning: field f: a condition's value must have fewer than 256 characters [length]"},
	{model.KindModel, "ModelProviderDeclaration.ProviderCredentialSchema.CredentialFormSchemas lte", "\n    - {variable: g,", "\n<32     - {variable: v#, required: true, type: text-input, label: {en_US: L}}\n>    - {variable: g,",
		"p.yaml:14:3: warning: a form must have at most 32 fields [length]"},
	{model.KindModel, "ModelProviderDeclaration.ModelCredentialSchema.CredentialFormSchemas[0].Default lt", "{variable: m,", "{variable: m, default: <256>,",
		"p.yaml:32:21: warning: field m: the default must have fewer than 256 characters [length]"},
	{model.KindModel, "ModelProviderDeclaration.ModelCredentialSchema.CredentialFormSchemas[0].Label.EnUS required", "{variable: m, required: true, type: text-input, label: {en_US: L}}", "{variable: m, required: true, type: text-input}",
		"p.yaml:32:7: warning: field m: label is missing [label]"},
	{model.KindModel, "ModelProviderDeclaration.ModelCredentialSchema.CredentialFormSchemas lte", "    - {variable: m,", "<32     - {variable: v#, required: true, type: text-input, label: {en_US: L}}\n>    - {variable: m,",
		"p.yaml:31:3: warning: a form must have at most 32 fields [length]"},
}

// TestHostRules checks that each rule that a provider breaks has one exact diagnostic.
func TestHostRules(t *testing.T) {
	t.Parallel()
	for kind, yaml := range acceptable {
		if got := diagnose(t, kind, yaml); got != "" {
			t.Errorf("the acceptable %s: %s", kind, got)
		}
	}
	for _, test := range hostRules {
		yaml := acceptable[test.kind]
		if !strings.Contains(yaml, test.old) {
			t.Errorf("%s: the %s has no %q", test.rule, test.kind, test.old)
		}
		if diff := cmp.Diff(test.want, diagnose(t, test.kind, strings.Replace(yaml, test.old, repeated(test.new), 1))); diff != "" {
			t.Errorf("%s %q (-want +got):\n%s", test.rule, test.new, diff)
		}
	}
}

// diagnose returns the diagnostics of a provider file, a line for each.
func diagnose(t *testing.T, kind model.Kind, yaml string) string {
	t.Helper()
	_, findings, err := model.Load("p.yaml", []byte(yaml), kind)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, d := range findings.Settle() {
		lines = append(lines, d.String())
	}
	return strings.Join(lines, "\n")
}

var repeatRE = regexp.MustCompile(`<(\d+) ?([^>]*)>`)

// repeated expands what is in angle brackets: <3> is xxx, and <2 a#> is "a0, a1", or without
// commas if it ends its line.
func repeated(yaml string) string {
	return repeatRE.ReplaceAllStringFunc(yaml, func(s string) string {
		m := repeatRE.FindStringSubmatch(s)
		n, err := strconv.Atoi(m[1])
		if err != nil {
			panic(err)
		}
		if m[2] == "" {
			return strings.Repeat("x", n)
		}
		items := make([]string, n)
		for i := range items {
			items[i] = strings.ReplaceAll(m[2], "#", strconv.Itoa(i))
		}
		if strings.HasSuffix(m[2], "\n") {
			return strings.Join(items, "")
		}
		return strings.Join(items, ", ")
	})
}

package model

import "strings"

// Permission is a permission of a plugin to ask something of Dify: its keys in a manifest, from
// resource.permission.
type Permission string

// The permissions of a manifest. The permission for endpoints is left out: it permits no calls.
const (
	PermissionStorage       Permission = "storage"
	PermissionLLM           Permission = "model.llm"
	PermissionTextEmbedding Permission = "model.text_embedding"
	PermissionRerank        Permission = "model.rerank"
	PermissionTTS           Permission = "model.tts"
	PermissionSpeech2text   Permission = "model.speech2text"
	PermissionModeration    Permission = "model.moderation"
	PermissionTool          Permission = "tool"
	PermissionApp           Permission = "app"
	PermissionNode          Permission = "node"
)

// modelPermission is the path of the key that lets the plugin call models.
var modelPermission = []string{"resource", "permission", "model", "enabled"}

// Path returns the keys of the permission, from the top of the manifest.
func (p Permission) Path() []string {
	return append([]string{"resource", "permission"}, strings.Split(string(p), ".")...)
}

// isOfModels reports whether the permission is about models, which must be permitted as such, too.
func (p Permission) isOfModels() bool { return strings.HasPrefix(string(p), "model.") }

// Permitted is a permission that a manifest has.
type Permitted struct {
	Permission Permission
	Pos        Position // of its key
}

// Permissions returns what the manifest permits.
func (m *Manifest) Permissions() []Permitted {
	h := deref(m.host.Resource.Permission)
	var list []Permitted
	for _, p := range h.permitted() {
		if !p.isOfModels() || deref(h.Model).Enabled {
			list = append(list, Permitted{p, m.At(p.Path()...)})
		}
	}
	return list
}

// permitted are the permissions whose own keys are true.
func (h *hostPermission) permitted() []Permission {
	models := deref(h.Model)
	var list []Permission
	for _, p := range []struct {
		Permission

		isPermitted bool
	}{
		{PermissionStorage, deref(h.Storage).Enabled},
		{PermissionLLM, models.LLM},
		{PermissionTextEmbedding, models.TextEmbedding},
		{PermissionRerank, models.Rerank},
		{PermissionTTS, models.TTS},
		{PermissionSpeech2text, models.Speech2text},
		{PermissionModeration, models.Moderation},
		{PermissionTool, deref(h.Tool).Enabled},
		{PermissionApp, deref(h.App).Enabled},
		{PermissionNode, deref(h.Node).Enabled},
	} {
		if p.isPermitted {
			list = append(list, p.Permission)
		}
	}
	return list
}

// permissions reports permissions of models that have no effect.
func (c *manifestChecker) permissions(h *hostPermission) {
	if deref(h.Model).Enabled {
		return
	}
	for _, p := range h.permitted() {
		if p.isOfModels() {
			c.warnf(deepest(c.root, modelPermission...), RuleManifest, "%s must be true, or the plugin can call no models: %s permits nothing by itself",
				strings.Join(modelPermission, "."), strings.Join(p.Path(), "."))
			return
		}
	}
}

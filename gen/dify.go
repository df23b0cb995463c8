package gen

import (
	"slices"
	"strings"

	"github.com/difygen/difygen/model"
)

// service is what a plugin can ask of Dify while it serves a request.
type service struct {
	// name is that of the type in the runtime's package invoke, of the method of its Session, and
	// of the field of the generated struct.
	name string
	// permission is what manifest.yaml must permit; empty if it need not permit anything.
	permission model.Permission
	about      string // what the comment says after the name
}

// services are all services, in the order of the generated code.
var services = []service{
	{"Storage", model.PermissionStorage, "keeps values for the plugin, separately for each workspace."},
	{"LLM", model.PermissionLLM, "calls language models of the workspace."},
	{"Summary", model.PermissionLLM, "shortens texts with the language model that the workspace uses by default."},
	{"TextEmbedding", model.PermissionTextEmbedding, "turns texts and images into vectors with models of the workspace."},
	{"Rerank", model.PermissionRerank, "ranks documents by how well they answer a query."},
	{"Speech", model.PermissionTTS, "speaks texts with models of the workspace."},
	{"Transcription", model.PermissionSpeech2text, "turns speech into text with models of the workspace."},
	{"Moderation", model.PermissionModeration, "asks models of the workspace whether a text is acceptable."},
	{"Tools", model.PermissionTool, "calls tools of the workspace, also those of other plugins."},
	{"Apps", model.PermissionApp, "calls apps of the workspace."},
	{"Nodes", model.PermissionNode, "runs single nodes of workflows."},
	{"Upload", "", "stores files in Dify, which apps can then be given. It needs no permission."},
}

// permittedService is a service that the plugin can use.
type permittedService struct {
	service

	at string // where its permission is, if it needs one
}

// permittedBy returns the services that a manifest permits.
func permittedBy(permitted []model.Permitted) []permittedService {
	var list []permittedService
	for _, s := range services {
		if s.permission == "" {
			list = append(list, permittedService{s, ""})
			continue
		}
		i := slices.IndexFunc(permitted, func(p model.Permitted) bool { return p.Permission == s.permission })
		if i >= 0 {
			list = append(list, permittedService{s, place(PluginSource, permitted[i].Pos.Line, strings.Join(s.permission.Path(), "."))})
		}
	}
	return list
}

// difyType emits the struct with what the plugin can ask of Dify.
func (p *plan) difyType(f *file) {
	if p.names.dify == "" {
		return
	}
	fields := make([]member, len(p.services))
	for i, s := range p.services {
		about := doc("%s %s", s.name, s.about)
		if s.at != "" {
			about = append(about, "", "YAML: "+s.at)
		}
		fields[i] = member{about, structField(s.name, std(invokePath, s.name))}
	}
	about := "%s is what the plugin can ask of Dify while it serves a request: what resource.permission in %s permits."
	f.add(doc(about, p.names.dify, PluginSource), structType(p.names.dify, fields))
}

// difyFunction emits the function that makes the struct.
func (p *plan) difyFunction(f *file) {
	if p.names.dify == "" {
		return
	}
	const session = "session"
	fields := make([]code, len(p.services))
	for i, s := range p.services {
		fields[i] = keyed(id(s.name), call(dot(id(session), s.name)))
	}
	about := doc("%s returns what a request can ask of Dify. ctx is %s, or derived from it. With any other context, and after the request, calls fail.",
		p.names.difyFromContext, p.requestContexts())
	f.add(about, function(p.names.difyFromContext, signature{[]param{ctxParam()}, []code{id(p.names.dify)}},
		define(session, call(std(invokePath, "ForGeneratedCode"), id("ctx"))),
		ret(composite(id(p.names.dify), fields...))))
}

// requestContexts says which contexts are those of requests.
func (p *plan) requestContexts() string {
	var of []string
	handles := false
	for _, c := range p.demanded() {
		if c == endpointsContract {
			handles = true
			continue
		}
		of = append(of, p.names.contracts[c])
	}
	var words []string
	if len(of) > 0 {
		words = append(words, "the context that a method of "+listed(of, "or")+" gets")
	}
	if handles {
		words = append(words, "that of the request that a method of "+p.names.contracts[endpointsContract]+" gets, r.Context()")
	}
	if len(words) == 0 { // such as of a trigger that declares no more than properties
		return "the context of a request"
	}
	return listed(words, "or")
}

package difytest

import (
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/host"
)

// Service is a part of Dify that plugins call back. It is called like the field of the generated
// struct Dify.
type Service string

// The services, with the types of their calls on the wire, and their permissions in manifest.yaml,
// from resource.permission.
const (
	Storage       Service = "Storage"       // storage: storage
	LLM           Service = "LLM"           // llm, llm_structured_output: model.llm
	Summary       Service = "Summary"       // system_summary: model.llm
	TextEmbedding Service = "TextEmbedding" // text_embedding, multimodal_embedding: model.text_embedding
	Rerank        Service = "Rerank"        // rerank, multimodal_rerank: model.rerank
	Speech        Service = "Speech"        // tts: model.tts
	Transcription Service = "Transcription" // speech2text: model.speech2text
	Moderation    Service = "Moderation"    // moderation: model.moderation
	Tools         Service = "Tools"         // tool: tool
	Apps          Service = "Apps"          // app, fetch_app: app
	Nodes         Service = "Nodes"         // node_parameter_extractor, node_question_classifier: node
	Upload        Service = "Upload"        // upload_file: none
)

// typesOf has the types of the calls of each service.
var typesOf = map[Service][]string{
	Storage: {"storage"}, LLM: {"llm", "llm_structured_output"}, Summary: {"system_summary"},
	TextEmbedding: {"text_embedding", "multimodal_embedding"}, Rerank: {"rerank", "multimodal_rerank"},
	Speech: {"tts"}, Transcription: {"speech2text"}, Moderation: {"moderation"}, Tools: {"tool"},
	Apps: {"app", "fetch_app"}, Nodes: {"node_parameter_extractor", "node_question_classifier"}, Upload: {"upload_file"},
}

// types returns the types of the calls of some services, or of all if there are none. It reports
// what is not a service.
func (d *Dify) types(method string, services []Service) []string {
	d.tb.Helper()
	if len(services) == 0 {
		return host.Types()
	}
	var types []string
	for _, s := range services {
		if typesOf[s] == nil {
			d.tb.Errorf("Dify.%s: Dify has no service %s; it has %s", method, s, list(serviceNames()))
		}
		types = append(types, typesOf[s]...)
	}
	return types
}

// serviceNames returns the names of all services, sorted.
func serviceNames() []string {
	var names []string
	for s := range typesOf {
		names = append(names, string(s))
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return names
}

// permissionOf returns the services that have one permission with s.
func permissionOf(s Service) []Service {
	if s == LLM || s == Summary {
		return []Service{LLM, Summary}
	}
	return []Service{s}
}

// Refuse refuses calls of these services, or of all if there are none, as if manifest.yaml did not
// permit them. LLM and Summary have one permission, so both are refused. Upload needs none.
func (d *Dify) Refuse(services ...Service) {
	d.tb.Helper()
	var refused []Service
	for _, s := range services {
		if s == Upload {
			d.tb.Errorf("Dify.Refuse: Upload needs no permission, so Dify does not refuse it")
		}
		refused = append(refused, permissionOf(s)...)
	}
	for _, typ := range d.types("Refuse", refused) {
		d.dify.Refuse(typ)
	}
}

// Silence makes Dify answer no more calls of these services, or of all if there are none. That is
// so if whoever called the plugin has gone. A call ends with its context, with its request, or
// after 250 seconds without a reply (MAX_INVOCATION_TIMEOUT) with [invoke.ErrTimeout], whichever is
// first. A request may take 300 seconds (MAX_REQUEST_TIMEOUT), so one that makes the call in its
// first 50 seconds gets ErrTimeout, unless its plugin has other settings. In a bubble of package
// testing/synctest, a test need not wait for that.
func (d *Dify) Silence(services ...Service) {
	d.tb.Helper()
	d.wait()
	for _, typ := range d.types("Silence", services) {
		d.dify.Override(typ, func(cb *host.Callback) { <-cb.Context().Done() })
	}
}

// Calls returns the calls of these services so far, or of all if there are none, in the order in
// which they came.
func (d *Dify) Calls(services ...Service) []Callback {
	d.tb.Helper()
	types := d.types("Calls", services)
	var list []Callback
	for _, c := range d.dify.Calls() {
		if len(services) == 0 || slices.Contains(types, c.Type) {
			list = append(list, Callback{c.Type, c.From, c.Request, c.Err})
		}
	}
	return list
}

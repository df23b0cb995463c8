package gen

import (
	"slices"
	"strings"

	"github.com/difygen/difygen/model"
)

// stub is the comment of a strategy's method in the stub: what the strategy does, and how it answers.
func (s *strategy) stub(p *plan) []string {
	lines := append(doc("%s is the agent strategy %s.", s.method, s.label), separated(s.item.Description.Best())...)
	chosen := s.params.fieldOf(func(f *field) bool { _, is := f.shape.(agentModelShape); return is && f.isRequired() })
	switch {
	case chosen != nil && p.permits(model.PermissionLLM):
		about := doc("It lets a model work until that answers, for example, like this, with the packages agent and llm of %s:", runtimePath)
		return slices.Concat(lines, []string{""}, about, []string{""}, s.loopExample(p, chosen))
	case chosen != nil:
		lines = append(append(lines, ""), doc("To ask a model, permit that in %s: %s.", PluginSource, strings.Join(model.PermissionLLM.Path(), "."))...)
	}
	return append(lines, "", "It answers, for example, like this:", "", "	return out.Text("+s.params.exampleText()+")")
}

// loopExample is the code that lets the chosen model call tools until it answers.
func (s *strategy) loopExample(p *plan, chosen *field) []string {
	const parameter = "call.Parameters."
	lines := []string{
		"	run := &agent.Run{",
		"		Out: out.Output, LLM: call.Dify.LLM, Model: " + parameter + chosen.name + ",",
	}
	tools := s.params.fieldOf(func(f *field) bool { _, is := f.shape.(agentToolsShape); return is })
	if tools != nil && p.permits(model.PermissionTool) {
		lines = append(lines, "		Tools: agent.NewToolset(call.Dify.Tools, "+parameter+tools.name+"),")
	}
	lines = append(lines, "	}")
	system, user := s.params.prompts()
	switch {
	case system == nil:
	case system.isRequired():
		lines = append(lines, "	run.Append(llm.System("+parameter+system.name+"))")
	default: // some models refuse an empty message
		lines = append(lines, "	if "+parameter+system.name+" != \"\" {", "		run.Append(llm.System("+parameter+system.name+"))", "	}")
	}
	if slices.Contains(s.item.Features, model.FeatureHistory) {
		lines = append(lines, "	run.Append("+parameter+chosen.name+".History...)")
	}
	question := `"Hello!"`
	if user != nil {
		question = parameter + user.name
	}
	rounds := "10"
	if limit := s.params.fieldOf(isRounds); limit != nil {
		rounds = "int(" + parameter + limit.name + ")"
	}
	return append(lines,
		"	run.Append(llm.User("+question+"))",
		"	_, err := run.Loop(ctx, nil, "+rounds+")",
		"	return err",
	)
}

// prompts are the texts that tell a model how to work, and what to do; nil for none.
func (s *section) prompts() (system, user *field) {
	isText := func(f *field) bool { _, is := f.shape.(textShape); return is }
	system = s.fieldOf(func(f *field) bool {
		return isText(f) && (strings.Contains(f.key, "instruction") || strings.Contains(f.key, "system"))
	})
	user = s.fieldOf(func(f *field) bool { return isText(f) && f != system })
	if query := s.fieldOf(func(f *field) bool { return isText(f) && f.key == "query" }); query != nil {
		user = query
	}
	return system, user
}

// isRounds reports whether a field says how often a model may be asked at most.
func isRounds(f *field) bool {
	q, isNumber := f.shape.(quantityShape)
	return isNumber && !q.isOptional(f) && (strings.Contains(f.key, "iteration") || strings.Contains(f.key, "round"))
}

// fieldOf returns the first field for which is returns true; nil if there is none.
func (s *section) fieldOf(is func(*field) bool) *field {
	if i := slices.IndexFunc(s.fields, is); i >= 0 {
		return s.fields[i]
	}
	return nil
}

// permits reports whether the manifest permits the plugin to ask something of Dify.
func (p *plan) permits(permission model.Permission) bool {
	return slices.ContainsFunc(p.services, func(s permittedService) bool { return s.permission == permission })
}

package openai

import (
	"encoding/base64"
	"mime"
	"path"
	"slices"
	"strings"

	"github.com/difygen/difygen/runtime/llm"
)

// withoutThoughts returns messages without what the model has thought, which it must not get back.
func withoutThoughts(messages []llm.Message) []llm.Message {
	kept := slices.Clone(messages)
	for i, m := range kept {
		if m.Role != llm.RoleAssistant {
			continue
		}
		kept[i].Parts = nil
		for _, part := range m.Parts {
			if t, ok := part.(*llm.Text); ok && t != nil {
				_, answer := llm.SplitReasoning(t.Text)
				if answer == "" && t.Text != "" { // services refuse empty parts
					continue
				}
				copied := *t
				copied.Text = answer
				part = &copied
			}
			kept[i].Parts = append(kept[i].Parts, part)
		}
	}
	return kept
}

// chatMessages returns messages as the API takes them, with tools in its newer or its older form.
func chatMessages(messages []llm.Message, functions bool) []map[string]any {
	list := make([]map[string]any, len(messages))
	for i, m := range messages {
		w := map[string]any{"role": m.Role, "content": chatContent(m.Parts)}
		switch {
		case m.Role == llm.RoleTool && functions:
			w["role"], w["name"] = "function", m.Name
		case m.Role == llm.RoleTool:
			w["tool_call_id"] = m.ToolCallID
		case m.Name != "":
			w["name"] = m.Name
		}
		switch calls := chatCalls(m.ToolCalls); {
		case len(calls) == 0:
		case functions:
			w["function_call"] = calls[0]["function"] // it has one at a time
		default:
			w["tool_calls"] = calls
		}
		list[i] = w
	}
	return list
}

// chatContent returns a text, which all services take, or a list of parts.
func chatContent(parts []llm.Part) any {
	if len(parts) == 0 {
		return ""
	}
	if t, ok := parts[0].(*llm.Text); ok && len(parts) == 1 && t != nil {
		return t.Text
	}
	list := make([]map[string]any, 0, len(parts))
	for _, p := range parts {
		if w := chatPart(p); w != nil {
			list = append(list, w)
		}
	}
	return list
}

// chatPart returns a part as the API takes it. It knows no videos, and recordings only with their
// bytes: those are as vLLM and others take them.
func chatPart(part llm.Part) map[string]any {
	switch p := part.(type) {
	case *llm.Text:
		return map[string]any{"type": "text", "text": p.Text}
	case *llm.Image:
		image := map[string]any{"url": p.DataURL()}
		if p.Detail != "" {
			image["detail"] = p.Detail
		}
		return map[string]any{"type": "image_url", "image_url": image}
	case *llm.Audio:
		if len(p.Data) == 0 {
			return map[string]any{"type": "audio_url", "audio_url": map[string]any{"url": p.URL}}
		}
		audio := map[string]any{"data": base64.StdEncoding.EncodeToString(p.Data), "format": extension(p.Format, p.Filename, p.MIMEType)}
		return map[string]any{"type": "input_audio", "input_audio": audio}
	case *llm.Video:
		return map[string]any{"type": "video_url", "video_url": map[string]any{"url": p.DataURL()}}
	case *llm.Document:
		name := p.Filename
		if name == "" { // the API wants one
			name = "document." + extension(p.Format, p.Filename, p.MIMEType)
		}
		return map[string]any{"type": "file", "file": map[string]any{"filename": name, "file_data": p.DataURL()}}
	}
	return nil
}

// extension returns that of a file, without its dot. Of recordings, the API knows wav and mp3.
func extension(format, filename, mimeType string) string {
	if format == "" {
		format = path.Ext(filename)
	}
	if format = strings.ToLower(strings.TrimPrefix(format, ".")); format != "" && format != "mpga" && format != "mpeg" {
		return format
	}
	typ, _, _ := mime.ParseMediaType(mimeType)
	_, subtype, _ := strings.Cut(typ, "/")
	switch subtype = strings.TrimPrefix(subtype, "x-"); subtype {
	case "mpeg", "":
		return "mp3"
	case "vnd.wave", "wave":
		return "wav"
	case "plain":
		return "txt"
	}
	return subtype
}

func chatCalls(calls []llm.ToolCall) []map[string]any {
	list := make([]map[string]any, len(calls))
	for i, c := range calls {
		arguments := c.Arguments
		if arguments == "" { // which is not JSON
			arguments = "{}"
		}
		list[i] = map[string]any{"id": c.ID, "type": "function", "function": map[string]any{"name": c.Name, "arguments": arguments}}
	}
	return list
}

func chatTools(tools []llm.Tool) []map[string]any {
	list := chatFunctions(tools)
	for i, function := range list {
		list[i] = map[string]any{"type": "function", "function": function}
	}
	return list
}

func chatFunctions(tools []llm.Tool) []map[string]any {
	list := make([]map[string]any, len(tools))
	for i, t := range tools {
		function := map[string]any{"name": t.Name, "parameters": t.Parameters}
		if t.Description != "" {
			function["description"] = t.Description
		}
		if t.Parameters == nil {
			function["parameters"] = map[string]any{"type": "object", "properties": map[string]any{}}
		}
		list[i] = function
	}
	return list
}

// promptText returns the text of messages for a model that completes text.
func promptText(messages []llm.Message) string {
	var texts []string
	for _, m := range messages {
		if t := m.Text(); t != "" {
			texts = append(texts, t)
		}
	}
	return strings.Join(texts, "\n\n")
}

package serve

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"io"
)

const assetChunk = 8 << 10 // bytes of an asset in one line

// registration is a message of the registration.
type registration struct {
	Type string `json:"type"`
	Data any    `json:"data"`
}

// register sends the key, the manifest, the first provider of each type, the icons, and
// the end of the registration.
func (s *server) register(conn io.Writer, assets []asset) error {
	w := bufio.NewWriterSize(conn, 64<<10)
	lines := []registration{
		{"handshake", map[string]any{"key": s.cfg.remoteKey}},
		{"manifest_declaration", json.RawMessage(s.declared.Manifest)},
	}
	declared := make(map[string]bool)
	for _, d := range s.declared.Providers {
		if !declared[d.Type] {
			declared[d.Type] = true
			lines = append(lines, registration{d.Type, []any{json.RawMessage(d.Data)}})
		}
	}
	for _, line := range lines {
		if err := writeLine(w, line); err != nil {
			return err
		}
	}
	for _, a := range assets {
		if err := writeAsset(w, a); err != nil {
			return err
		}
	}
	if err := writeLine(w, registration{"end", struct{}{}}); err != nil {
		return err
	}
	return w.Flush()
}

func writeLine(w io.Writer, line registration) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(line)
}

// writeAsset sends an icon in small chunks, since the host is slow to read long lines.
func writeAsset(w io.Writer, a asset) error {
	for data := a.data; len(data) > 0; {
		chunk := data[:min(len(data), assetChunk)]
		data = data[len(chunk):]
		line := registration{"asset_chunk", map[string]any{
			"filename": a.name, "data": base64.StdEncoding.EncodeToString(chunk), "end": len(data) == 0,
		}}
		if err := writeLine(w, line); err != nil {
			return err
		}
	}
	return nil
}

package agent

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
)

// ReadFile downloads a file, as runtime.File.ReadAll does, and returns it as a model takes it: an *llm.Image,
// *llm.Audio, *llm.Video or, of any other type, *llm.Document. Services of models cannot reach the URLs of
// Dify's files, so it has the bytes. Whether the model can read it, its Schema says: see Model.Supports.
func ReadFile(ctx context.Context, f runtime.File) (llm.Part, error) {
	data, err := f.ReadAll(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the file %q for a model: %w", f.Filename, err)
	}
	d := llm.Document{Data: data, MIMEType: cmp.Or(f.MIMEType, http.DetectContentType(data)), Format: f.Extension, Filename: f.Filename}
	is := func(typ string) bool { return f.Type == typ || strings.HasPrefix(d.MIMEType, typ+"/") }
	switch {
	case is("image"):
		return &llm.Image{Data: d.Data, MIMEType: d.MIMEType, Format: d.Format, Filename: d.Filename}, nil
	case is("audio"):
		audio := llm.Audio(d)
		return &audio, nil
	case is("video"):
		video := llm.Video(d)
		return &video, nil
	}
	return &d, nil
}

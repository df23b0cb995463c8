package invoke

import (
	"path"
	"strings"
)

// transferToolFile is how a file gets into an app that Dify has stored for a tool or a plugin.
const transferToolFile = "tool_file"

// appInput returns a file as a value for an input of an app.
func appInput(id, typ string) map[string]any {
	return map[string]any{"tool_file_id": id, "transfer_method": transferToolFile, "type": typ}
}

// fileTypes are the types of files that Dify knows by their extension, without ETL_TYPE=Unstructured:
// IMAGE_EXTENSIONS, VIDEO_EXTENSIONS, AUDIO_EXTENSIONS and DOCUMENT_EXTENSIONS of its API.
var fileTypes = map[string]string{
	"jpg": "image", "jpeg": "image", "png": "image", "webp": "image", "gif": "image", "svg": "image",
	"mp4": "video", "mov": "video", "mpeg": "video", "webm": "video",
	"mp3": "audio", "m4a": "audio", "wav": "audio", "amr": "audio", "mpga": "audio",
	"txt": "document", "markdown": "document", "md": "document", "mdx": "document", "pdf": "document",
	"html": "document", "htm": "document", "xlsx": "document", "xls": "document", "docx": "document",
	"csv": "document", "vtt": "document", "properties": "document",
}

// fileType returns the type of a file as Dify finds it: by its extension and, if it does not know
// that, by its MIME type. Dify refuses an input whose type is another one.
func fileType(name, mimeType string) string {
	extension := strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
	if typ, ok := fileTypes[extension]; ok {
		return typ
	}
	for _, kind := range []string{"image", "video", "audio"} {
		if strings.Contains(mimeType, kind) {
			return kind
		}
	}
	if strings.Contains(mimeType, "text") || strings.Contains(mimeType, "pdf") {
		return "document"
	}
	return "custom"
}

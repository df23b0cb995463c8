package invoke

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
)

const (
	// maxToolFile is how many bytes a file of chunks has: PLUGIN_MAX_FILE_SIZE of the host.
	maxToolFile = 50 << 20
	// maxToolChunk is how many bytes a chunk has: 8192 by the rules of the host, but Dify checks
	// it for agents only.
	maxToolChunk = 1 << 20
	// maxOpenFiles and maxOpenBytes limit the files of a call that are not complete, with their IDs
	// and names.
	maxOpenFiles = 16
	maxOpenBytes = 100 << 20
)

// toolFiles decodes the messages of a tool, and joins the chunks of files: by ID, in the order in
// which they come, as Dify does, which does not look at their numbers.
type toolFiles struct {
	open map[string]*openFile
	size int // of all open files, in bytes
}

type openFile struct {
	data     []byte
	total    int
	name     string
	mimeType string
}

type toolChunk struct {
	ID    string `json:"id"`
	Total int    `json:"total_length"` // bytes of the file; 0 if unknown
	Blob  []byte `json:"blob"`
	End   bool   `json:"end"`
}

// decode returns a message, or nil for a chunk that does not complete a file.
func (f *toolFiles) decode(data json.RawMessage) (ToolMessage, error) {
	var frame toolFrame
	if err := decode(typeTool, data, &frame); err != nil {
		return nil, err
	}
	if string(frame.Message) == "null" {
		frame.Message = nil
	}
	if frame.Type == "blob_chunk" {
		return f.chunk(frame)
	}
	decoder := toolDecoders[frame.Type]
	if decoder == nil {
		return &UnknownToolMessage{frame.Type, notNull(frame.Message), frame.Meta}, nil
	}
	message, err := decoder(frame)
	if err != nil {
		return nil, err
	}
	return message, nil
}

func (f *toolFiles) chunk(frame toolFrame) (ToolMessage, error) {
	var chunk toolChunk
	if err := frame.decode(&chunk); err != nil {
		return nil, err
	}
	file := f.open[chunk.ID]
	size := len(chunk.Blob)
	switch {
	case chunk.ID == "":
		return nil, errors.New("a chunk of a file of the tool has no ID")
	case len(chunk.Blob) > maxToolChunk:
		return nil, fmt.Errorf("a chunk of a file of the tool has more than %d bytes", maxToolChunk)
	case file == nil && len(f.open) == maxOpenFiles:
		return nil, fmt.Errorf("the tool sends the chunks of more than %d files at once", maxOpenFiles)
	case file == nil:
		file = &openFile{total: chunk.Total, name: textOf(frame.Meta, "filename"), mimeType: textOf(frame.Meta, "mime_type")}
		size += file.label(chunk.ID)
	}
	if f.size+size > maxOpenBytes {
		return nil, fmt.Errorf("the files that the tool has not completed have more than %d bytes", maxOpenBytes)
	}
	if max(file.total, len(file.data)+len(chunk.Blob)) > maxToolFile {
		return nil, fmt.Errorf("a file of the tool has more than %d bytes", maxToolFile)
	}
	if f.open == nil {
		f.open = make(map[string]*openFile)
	}
	f.open[chunk.ID] = file
	file.data = append(file.data, chunk.Blob...)
	f.size += size
	if !chunk.End {
		return nil, nil
	}
	delete(f.open, chunk.ID)
	f.size -= len(file.data) + file.label(chunk.ID)
	if file.total > 0 && len(file.data) != file.total {
		return nil, fmt.Errorf("of a file of the tool, %d of %d bytes have come", len(file.data), file.total)
	}
	message := newBlob(file.data, frame.Meta) // every chunk has it
	message.Name, message.MIMEType = cmp.Or(file.name, message.Name), cmp.Or(file.mimeType, message.MIMEType)
	return message, nil
}

// label returns how many bytes the file takes beside its own.
func (o *openFile) label(id string) int { return len(id) + len(o.name) + len(o.mimeType) }

// end returns an error if a file is not complete.
func (f *toolFiles) end() error {
	if len(f.open) > 0 {
		return fmt.Errorf("the tool has ended before %d of its files were complete", len(f.open))
	}
	return nil
}

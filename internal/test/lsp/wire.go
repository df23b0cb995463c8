package lsp

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strconv"
)

// maxMessage is how many bytes a message may have.
const maxMessage = 16 << 20

// A message is a request, a notification or a response of JSON-RPC.
type message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// writeMessage writes a message with its header.
func writeMessage(w io.Writer, m message) error {
	m.Version = "2.0"
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "Content-Length: %d\r\n\r\n%s", len(data), data)
	return err
}

// readMessage reads a message.
func readMessage(r *bufio.Reader) (message, error) {
	header, err := textproto.NewReader(r).ReadMIMEHeader()
	if err != nil {
		return message{}, err
	}
	size, err := strconv.Atoi(header.Get("Content-Length"))
	if err != nil || size < 0 || size > maxMessage {
		return message{}, errors.New("a message of the server has no valid Content-Length")
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(r, data); err != nil {
		return message{}, err
	}
	var m message
	return m, json.Unmarshal(data, &m)
}

// A position is a place in a document: a line and a column in UTF-16, from 0. Documents
// here have only ASCII before the places that tests ask about.
type position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

type span struct {
	Start position `json:"start"`
	End   position `json:"end"`
}

type textDocument struct {
	URI        string `json:"uri"`
	Version    int    `json:"version,omitempty"`
	LanguageID string `json:"languageId,omitempty"`
	Text       string `json:"text,omitempty"`
}

// documentAt are the parameters of a request about a place.
type documentAt struct {
	Document textDocument `json:"textDocument"`
	Position position     `json:"position"`
}

// markup is text, which the protocol allows in two forms.
type markup struct{ Value string }

// UnmarshalJSON reads a string, or an object with a value.
func (m *markup) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &m.Value) == nil {
		return nil
	}
	var object struct{ Value string }
	if err := json.Unmarshal(data, &object); err != nil {
		return err
	}
	m.Value = object.Value
	return nil
}

// A textEdit replaces a part of a document.
type textEdit struct {
	Range   span   `json:"range"`
	NewText string `json:"newText"`
}

type workspaceEdit struct {
	Changes         map[string][]textEdit `json:"changes"`
	DocumentChanges []struct {
		Document textDocument `json:"textDocument"`
		Edits    []textEdit   `json:"edits"`
	} `json:"documentChanges"`
}

type command struct {
	Name      string            `json:"command"`
	Arguments []json.RawMessage `json:"arguments"`
}

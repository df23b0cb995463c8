package openai

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/llm"
	"github.com/difygen/difygen/runtime/speech"
)

// Users wait for a check, which is why it takes less long than a call may.
const (
	providerTimeout = 30 * time.Second
	modelTimeout    = time.Minute // the service may have to load it
)

// CheckProvider reports whether the service accepts credentials, by asking for its models. Some
// services tell everybody those, or nobody: there, check a model. An error of a service that cannot
// be reached, or cannot answer, or does not in 30 seconds, matches runtime.ErrUnreachable.
func (b *Base[C, P]) CheckProvider(ctx context.Context, creds C) error {
	c, err := b.client(creds, runtime.ModelCall{})
	if err != nil {
		return plain(err)
	}
	ctx, cancel := context.WithTimeout(ctx, providerTimeout)
	defer cancel()
	_, err = c.models(ctx)
	if code := runtime.StatusCode(err); code == http.StatusNotFound || code == http.StatusMethodNotAllowed {
		return fmt.Errorf("the service does not list its models: check the base URL: %w", err)
	}
	return refused(err)
}

// CheckModel reports whether the service accepts credentials and has the model, by a small call of
// it. If it has not, the error names models that are called almost so. Of a service that cannot be
// reached, or cannot answer, or does not in a minute, it matches runtime.ErrUnreachable.
func (b *Base[C, P]) CheckModel(ctx context.Context, creds C, modelType runtime.ModelType, model string) error {
	call := runtime.ModelCall{ModelType: modelType, Model: model}
	call.Schema = (&runtime.CustomModelCall[C]{ModelCall: call, Credentials: creds}).FormSchema() // it may complete text, or have other voices
	c, err := b.client(creds, call)
	if err != nil {
		return plain(err)
	}
	ctx, cancel := context.WithTimeout(ctx, modelTimeout)
	defer cancel()
	c.http.Timeout = cmp.Or(c.http.Timeout, modelTimeout) // by itself, runtime.Do ends what is not a call sooner
	err = c.try(ctx)
	if code := runtime.StatusCode(err); code == http.StatusNotFound || mentions(err, "model", "models") {
		return c.missing(ctx, err)
	}
	return refused(err)
}

// plain returns an error without its type: those of calls are not those of checks.
func plain(err error) error {
	if e := (*runtime.Error)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}

// refused says of an error that credentials are wrong.
func refused(err error) error {
	switch runtime.StatusCode(err) {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("the service does not accept these credentials: %w", err)
	}
	return err
}

type modelList struct {
	Data   []listedModel `json:"data"`
	Models []listedModel `json:"models"` // of some services
}

type listedModel struct {
	ID   string `json:"id"`
	Name string `json:"name"` // where there is no ID
}

func (l *modelList) empty() bool { return l.Data == nil && l.Models == nil }

// models lists the models of the service.
func (c *client) models(ctx context.Context) ([]string, error) {
	resp, err := c.get(ctx, pathModels)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var list modelList
	if err := decodeAnswer(resp, maxModels, &list); err != nil {
		return nil, err
	}
	var names []string
	for _, m := range append(list.Data, list.Models...) {
		if name := cmp.Or(m.ID, m.Name); name != "" {
			names = append(names, name)
		}
	}
	return names, nil
}

// missing returns an error that names models almost called so, or failed if the service has the
// model after all, or does not list its models.
func (c *client) missing(ctx context.Context, failed error) error {
	names, err := c.models(ctx)
	if err != nil || len(names) == 0 || slices.Contains(names, c.model) {
		return failed
	}
	near := nearest(c.model, names)
	if len(near) == 0 {
		return fmt.Errorf("the service has no model %s, but %d others", text.Name(c.model), len(names))
	}
	return fmt.Errorf("the service has no model %s, but %s", text.Name(c.model), strings.Join(near, ", "))
}

const (
	maxNear     = 3
	maxCompared = 5000 // models
	maxName     = 100  // bytes
)

// nearest returns the names that are most like one, such as those of which it is a part.
func nearest(name string, names []string) []string {
	type candidate struct {
		name     string
		distance int
	}
	var found []candidate
	want, limit := text.Fold(name), 2+len(name)/3
	for _, n := range names[:min(len(names), maxCompared)] {
		if len(n) > maxName || len(name) > maxName {
			continue
		}
		have := text.Fold(n)
		distance := text.Distance(want, have, limit)
		if len(want) > 2 && strings.Contains(have, want) || len(have) > 2 && strings.Contains(want, have) {
			distance = min(distance, 1)
		}
		if distance < limit {
			found = append(found, candidate{n, distance})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	var near []string
	for _, c := range found[:min(len(found), maxNear)] {
		near = append(near, text.Name(c.name))
	}
	return near
}

// checkTokens is how many tokens a model may write in a check.
const checkTokens = 16

// try calls a model with little.
func (c *client) try(ctx context.Context) error {
	var err error
	switch c.call.ModelType {
	case runtime.ModelTypeLLM:
		err = c.tryLLM(ctx)
	case runtime.ModelTypeTextEmbedding:
		_, err = c.embed(ctx, []string{"ping"})
	case runtime.ModelTypeRerank:
		_, err = c.rerank(ctx, "ping", []string{"ping", "pong"}, runtime.Optional[int]{})
	case runtime.ModelTypeTTS:
		voice := cmp.Or(c.call.Schema.PropertyText(runtime.PropertyDefaultVoice), "alloy")
		err = c.speak(ctx, "ping", voice, speech.NewOutput(func(speech.Chunk) error { return nil }))
		if mentions(err, "voice", "voices") { // it has others, and would not look for them otherwise
			err = nil
		}
	case runtime.ModelTypeSpeech2Text:
		_, err = c.transcribe(ctx, silence())
	case runtime.ModelTypeModeration:
		_, err = c.moderate(ctx, "ping")
	default: // none that this package calls
		_, err = c.models(ctx)
	}
	return err
}

// errEnough ends an answer of which the rest does not matter.
var errEnough = errors.New("the model answers")

func (c *client) tryLLM(ctx context.Context) error {
	out := llm.NewOutput(c.call, true, func(*llm.Chunk) error { return errEnough })
	parameters := map[string]any{"max_tokens": checkTokens}
	err := c.complete(ctx, &completion{messages: []llm.Message{llm.User("ping")}, parameters: parameters}, out)
	if errors.Is(err, errEnough) || mentions(err, "output limit was reached") { // while it thought
		return nil
	}
	return err
}

// silence returns a tenth of a second of nothing, in a WAVE file of 16,000 samples of 16 bits a
// second.
func silence() []byte {
	const rate, size = 16000, 16000 / 10 * 2
	b := binary.LittleEndian.AppendUint32([]byte("RIFF"), 36+size)
	b = binary.LittleEndian.AppendUint32(append(b, "WAVEfmt "...), 16)
	b = binary.LittleEndian.AppendUint16(b, 1) // PCM
	b = binary.LittleEndian.AppendUint16(b, 1) // channel
	b = binary.LittleEndian.AppendUint32(b, rate)
	b = binary.LittleEndian.AppendUint32(b, rate*2)
	b = binary.LittleEndian.AppendUint16(b, 2)
	b = binary.LittleEndian.AppendUint16(b, 16)
	b = binary.LittleEndian.AppendUint32(append(b, "data"...), size)
	return append(b, make([]byte, size)...)
}

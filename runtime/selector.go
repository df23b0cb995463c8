package runtime

import "encoding/json"

// AppSelector is a Dify app that a user chose.
type AppSelector struct {
	AppID string
}

// Values returns the object that the host sends.
func (s AppSelector) Values() map[string]any {
	return map[string]any{"app_id": s.AppID}
}

// ModelSelector is a model that a user chose, with the settings that belong to the
// field's scope.
type ModelSelector struct {
	Provider  string
	Model     string
	ModelType string
	Mode      string // scopes llm and vision: chat or completion; empty means chat

	ScoreThreshold   *float64       // scope rerank
	TopN             *int           // scope rerank
	Voice            string         // scope tts
	CompletionParams map[string]any // scopes llm and vision
}

// Values returns the object that the host sends.
func (s ModelSelector) Values() map[string]any {
	values := map[string]any{"provider": s.Provider, "model": s.Model, "model_type": s.ModelType}
	if s.Mode != "" {
		values["mode"] = s.Mode
	}
	if s.ScoreThreshold != nil {
		values["score_threshold"] = *s.ScoreThreshold
	}
	if s.TopN != nil {
		values["top_n"] = float64(*s.TopN)
	}
	if s.Voice != "" {
		values["voice"] = s.Voice
	}
	if s.CompletionParams != nil {
		values["completion_params"] = s.CompletionParams
	}
	return values
}

// IsZero reports whether no app was chosen.
func (s AppSelector) IsZero() bool { return s.AppID == "" }

// IsZero reports whether no model was chosen.
func (s ModelSelector) IsZero() bool { return s.Provider == "" || s.Model == "" }

// App reads a required app selector.
func (d *Decoder) App(field, label string) AppSelector {
	return orZero(d.app(field, label, FieldRequired))
}

// OptionalApp reads an app selector. An absent one is nil.
func (d *Decoder) OptionalApp(field, label string) *AppSelector {
	return d.app(field, label, FieldOptional)
}

func (d *Decoder) app(field, label string, need Need) *AppSelector {
	return decodeObject(d, field, label, need, (*object).app, "must be an app: an object with app_id")
}

func (o *object) app() AppSelector { return AppSelector{AppID: o.text("app_id")} }

// Model reads a required model selector.
func (d *Decoder) Model(field, label string) ModelSelector {
	return orZero(d.model(field, label, FieldRequired))
}

// OptionalModel reads a model selector. An absent one is nil.
func (d *Decoder) OptionalModel(field, label string) *ModelSelector {
	return d.model(field, label, FieldOptional)
}

func (d *Decoder) model(field, label string, need Need) *ModelSelector {
	return decodeObject(d, field, label, need, (*object).model, "must be a model: an object with provider, model and model_type")
}

func (o *object) model() ModelSelector {
	return ModelSelector{
		Provider: o.text("provider"), Model: o.text("model"), ModelType: o.text("model_type"), Mode: o.text("mode"),
		ScoreThreshold: o.number("score_threshold"), TopN: o.integer("top_n"),
		Voice: o.text("voice"), CompletionParams: o.object("completion_params"),
	}
}

func (d *Decoder) object(field, label string, need Need) (object, bool) {
	v, ok := d.filled(field, label, need)
	if !ok {
		return object{}, false
	}
	values, ok := d.unpack(v, "{").(map[string]any)
	switch {
	case len(values) > 0:
		return object{values: values}, true
	case !ok:
		d.failValue(field, label, v, reasonObject)
	case need == FieldRequired:
		d.fail(field, label, reasonRequired)
	}
	return object{}, false
}

// decodeObject reads a field with read. It returns nil if the field is absent, and if a
// value in it is wrong or missing, for which it fails with that reason.
func decodeObject[T interface{ IsZero() bool }](d *Decoder, field, label string, need Need, read func(*object) T, reason string) *T {
	o, ok := d.object(field, label, need)
	if !ok {
		return nil
	}
	x := read(&o)
	if o.bad || x.IsZero() {
		d.fail(field, label, reason)
		return nil
	}
	return &x
}

// orZero returns what p points to, or the zero value if p is nil.
func orZero[T any](p *T) (x T) {
	if p != nil {
		x = *p
	}
	return x
}

// object reads the values of an object, and sets bad if one of them is wrong.
type object struct {
	values map[string]any
	bad    bool
}

func (o *object) text(key string) string {
	switch v := o.values[key].(type) {
	case nil:
	case string:
		if leaked(v) == "" {
			return v
		}
		o.bad = true
	default:
		o.bad = true
	}
	return ""
}

func (o *object) number(key string) *float64 {
	switch v := o.values[key].(type) {
	case nil:
		return nil
	case float64:
		return &v
	case int:
		f := float64(v)
		return &f
	case json.Number:
		if f, err := v.Float64(); err == nil {
			return &f
		}
	}
	o.bad = true
	return nil
}

func (o *object) integer(key string) *int {
	f := o.number(key)
	if f == nil {
		return nil
	}
	n := int(*f)
	if float64(n) != *f {
		o.bad = true
	}
	return &n
}

func (o *object) object(key string) map[string]any {
	switch v := o.values[key].(type) {
	case nil:
	case map[string]any:
		return v
	default:
		o.bad = true
	}
	return nil
}

package runtime

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
)

// modelTable finds the models that the YAML declares. Providers can have hundreds, of which few are
// used: a schema is decoded when it is first asked for.
type modelTable struct {
	load func() (map[modelKey]*declaredModel, error)
}

type modelKey struct {
	Type  ModelType `json:"model_type"`
	Model string    `json:"model"`
}

type declaredModel struct {
	json   string
	schema func() (*ModelSchema, error)
}

// newModelTable returns a table of models in JSON. Of those with the same type and name, the last
// one counts.
func newModelTable(models []string) *modelTable {
	return &modelTable{sync.OnceValues(func() (map[modelKey]*declaredModel, error) {
		byKey := make(map[modelKey]*declaredModel, len(models))
		for i, data := range models {
			var key modelKey
			if err := json.Unmarshal([]byte(data), &key); err != nil || key.Model == "" {
				return nil, fmt.Errorf("model %d that the provider declares is not valid: %w", i+1, errOr(err, "it has no name"))
			}
			byKey[key] = &declaredModel{data, sync.OnceValues(func() (*ModelSchema, error) { return decodeSchema(key, data) })}
		}
		return byKey, nil
	})}
}

func errOr(err error, otherwise string) error {
	if err != nil {
		return err
	}
	return errors.New(otherwise)
}

// decodeSchema decodes a schema in which Dify has filled what templates have. What Dify does not know
// in it, it has not refused either.
func decodeSchema(key modelKey, data string) (*ModelSchema, error) {
	schema := new(ModelSchema)
	if err := json.Unmarshal([]byte(data), schema); err != nil {
		return nil, fmt.Errorf("the model %s that the provider declares is not valid: %w", oneLine(key.Model), err)
	}
	for i := range schema.Parameters {
		schema.Parameters[i].fill()
	}
	return schema, nil
}

// find returns a model, or nil if the YAML does not declare it.
func (t *modelTable) find(typ ModelType, model string) (*declaredModel, error) {
	byKey, err := t.load()
	if err != nil {
		return nil, err
	}
	return byKey[modelKey{typ, model}], nil
}

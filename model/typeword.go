package model

import (
	"slices"
	"strings"

	"github.com/difygen/difygen/internal/text"
)

// meantType is a type that the author of a word may mean, and the key that makes it so.
type meantType struct {
	name FieldType
	key  string // such as precision; "" if the type is enough
	with string // the value of the key
}

// typeWord is a word that authors write for a type.
type typeWord struct {
	words string
	meant []meantType // the first that is known where the word stands counts
}

// integerType is a type of outputs alone.
const integerType FieldType = "integer"

// typeWords are words of other languages and forms, for types of fields and of outputs.
var typeWords = []typeWord{
	{"int integer long whole", []meantType{{name: integerType}, {name: TypeInt}, {TypeNumber, "precision", "0"}, {name: TypeNumber}, {name: TypeTextInput}}},
	{"number numeric float double decimal", []meantType{{name: TypeNumber}, {name: TypeFloat}, {name: TypeTextInput}}},
	{"text text-input textarea paragraph str char varchar url email", []meantType{{name: TypeString}, {name: TypeTextInput}}},
	{"date datetime time timestamp", []meantType{{name: TypeDate}, {name: TypeString}, {name: TypeTextInput}}},
	{"password secret token key api-key", []meantType{{name: TypeSecretInput}, {name: TypeString}}},
	{"bool boolean flag toggle switch", []meantType{{name: TypeBoolean}, {name: TypeSwitch}}},
	{"checkbox", []meantType{{name: TypeCheckbox}, {name: TypeBoolean}, {name: TypeSwitch}}},
	{"checkboxes", []meantType{{name: TypeCheckbox}, {TypeSelect, "multiple", "true"}, {name: TypeSelect}}},
	{"enum options choice choices dropdown radio", []meantType{{name: TypeSelect}, {name: TypeString}}},
	{"multi-select multiselect select-multiple", []meantType{{TypeSelect, "multiple", "true"}, {name: TypeSelect}, {name: TypeArray}}},
	{"list tuple set slice", []meantType{{name: TypeArray}}},
	{"dict dictionary map mapping hash struct json", []meantType{{name: TypeObject}}},
	{"image photo picture audio video document upload", []meantType{{name: TypeFile}}},
	{"images photos pictures audios videos documents uploads", []meantType{{name: TypeFiles}}},
	{"model llm", []meantType{{name: TypeModelSelector}}},
	{"app", []meantType{{name: TypeAppSelector}}},
	{"tools", []meantType{{name: TypeArrayTools}}},
}

// meantTypeOf returns what to write for a type that is not among those known where keys can
// stand beside it; "" if nobody can tell.
func meantTypeOf(word string, known []FieldType, keys []string) string {
	folded := text.Fold(word)
	for _, row := range typeWords {
		if !slices.Contains(strings.Fields(row.words), folded) {
			continue
		}
		for _, m := range row.meant {
			switch {
			case !slices.Contains(known, m.name):
			case m.key == "":
				return string(m.name)
			case slices.Contains(keys, m.key):
				return string(m.name) + " with " + m.key + ": " + m.with
			}
		}
	}
	return text.Nearest(word, known)
}

// joinTypes lists types in a message.
func joinTypes(types []FieldType) string {
	var b strings.Builder
	for i, t := range types {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(t))
	}
	return b.String()
}

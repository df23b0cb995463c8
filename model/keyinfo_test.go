package model

import (
	"reflect"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/yamldoc"
)

// hostStructs returns the structs that mirror the host's and that a file of some kind has.
func hostStructs() map[reflect.Type]bool {
	found := make(map[reflect.Type]bool)
	var visit func(t reflect.Type)
	visit = func(t reflect.Type) {
		t = yamldoc.Target(t)
		if t.Kind() == reflect.Slice {
			visit(t.Elem())
		}
		if t.Kind() != reflect.Struct || !strings.HasPrefix(t.Name(), "host") || found[t] {
			return
		}
		found[t] = true
		for _, f := range yamldoc.Fields(t) {
			found[f.In] = true
			visit(f.Type)
		}
	}
	visit(reflect.TypeFor[hostManifest]())
	for _, info := range kinds {
		visit(info.host)
		visit(info.hostItem)
	}
	for _, section := range sections {
		visit(section.rules.host)
	}
	visit(reflect.TypeFor[hostConstructor]())
	return found
}

// TestKeyInfos checks that each key of the host's structs has a row with a description, and
// that each row is for a key.
func TestKeyInfos(t *testing.T) {
	t.Parallel()
	used := make(map[reflect.Type]map[string]bool)
	structs := hostStructs()
	for typ := range structs {
		for _, f := range yamldoc.Fields(typ) {
			in := typ
			if _, ok := keyInfos()[typ][f.Key]; !ok {
				in = f.In
			}
			if used[in] == nil {
				used[in] = make(map[string]bool)
			}
			used[in][f.Key] = true
			doc := keyInfoOf(typ, f).doc
			if !strings.HasSuffix(doc, ".") || strings.Contains(doc, "\n") {
				t.Errorf("%v: key %s has the description %q, want sentences on one line", typ, f.Key, doc)
			}
		}
	}
	for typ, rows := range keyInfos() {
		for key, info := range rows {
			if !used[typ][key] {
				t.Errorf("%v: the row for %s is not used", typ, key)
			}
			for _, w := range info.words {
				if w.Value == "" || w.Doc != "" && !strings.HasSuffix(w.Doc, ".") {
					t.Errorf("%v: key %s has the word %+v", typ, key, w)
				}
			}
		}
	}
	for _, info := range fieldTypes {
		if !strings.HasSuffix(info.doc, ".") {
			t.Errorf("type %s has the description %q", info.name, info.doc)
		}
	}
	for _, info := range kinds {
		if !strings.HasSuffix(info.doc, ".") || !strings.HasSuffix(info.itemDoc, ".") {
			t.Errorf("kind %s has the descriptions %q and %q", info.kind, info.doc, info.itemDoc)
		}
	}
}

// TestWrongLanguages checks that specs refuse only spellings that the rule reports.
func TestWrongLanguages(t *testing.T) {
	t.Parallel()
	wrong := strings.Join(wrongLanguages(), " ")
	for code, want := range map[string]bool{"zh_CN": true, "ja_Jp": true, "en-US": true, "pt": true, "ko_KR": false, "zh_Hant": false, "en_US": false, "pt_PT": false} {
		if got := strings.Contains(" "+wrong+" ", " "+code+" "); got != want {
			t.Errorf("%s is refused: %t, want %t", code, got, want)
		}
	}
}

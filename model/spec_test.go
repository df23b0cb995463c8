package model

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

// least returns a value that has nothing but what a spec requires. The named lists and maps
// of fields in it have one field each.
func least(s *Spec) any {
	switch {
	case s.Words != nil:
		return s.Words[0].Value
	case s.Pattern == versionPattern.expr:
		return "0.1.0"
	}
	switch s.Kind {
	case ValueBool:
		return true
	case ValueNumber, ValueWhole, ValueDecimal:
		if s.Min != nil {
			return *s.Min
		}
		return 1
	case ValueTime:
		return time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	case ValueMap:
		return leastMap(s)
	case ValueList, ValueMapOrList:
		return []any{least(s.Items)}
	}
	return "a"
}

func isSection(s *Spec) bool {
	return s.Items != nil && s.Items.key("type") != nil && s.Items.key("label") != nil
}

func leastMap(s *Spec) map[string]any {
	out := make(map[string]any)
	for _, k := range s.Keys {
		if k.Key == "credentials_for_provider" {
			continue // credentials_schema is the same, and one is enough
		}
		inside := slices.ContainsFunc(k.Spec.Keys, func(k SpecKey) bool { return isSection(k.Spec) })
		if k.Spec.Required && !k.MayLack || isSection(k.Spec) || inside || slices.Contains(s.OneNeeded, k.Key) && k.Key == s.OneNeeded[0] {
			out[k.Key] = least(k.Spec)
		}
	}
	return out
}

// TestRequired checks that a file of what its spec requires is fine, and that one without
// something of it is not: the checks require what specs do.
func TestRequired(t *testing.T) {
	t.Parallel()
	type load func(data []byte) Diagnostics
	roots := map[string]struct {
		spec *Spec
		load load
	}{
		"manifest": {ManifestSpec(), func(data []byte) Diagnostics {
			m, findings := LoadManifest("manifest.yaml", data)
			findings.Merge(m.Check())
			return findings.Settle()
		}},
	}
	for _, kind := range Kinds() {
		roots["provider "+string(kind)] = struct {
			spec *Spec
			load load
		}{kind.Spec(), func(data []byte) Diagnostics {
			_, findings, err := Load("provider.yaml", data, kind)
			if err != nil {
				t.Fatal(err)
			}
			return findings.Settle()
		}}
		roots[kind.Item()] = struct {
			spec *Spec
			load load
		}{kind.ItemSpec(), func(data []byte) Diagnostics {
			_, findings := LoadItem("item.yaml", data, kind)
			return findings.Settle()
		}}
	}
	for name, root := range roots {
		whole := leastMap(root.spec)
		check := func() Diagnostics {
			data, err := yaml.Marshal(whole)
			if err != nil {
				t.Fatal(err)
			}
			return slices.DeleteFunc(root.load(data), func(d Diagnostic) bool {
				return d.Rule == ruleClientURL // which is no requirement
			})
		}
		if diags := check(); len(diags) > 0 {
			data, _ := yaml.Marshal(whole)
			t.Errorf("%s: what is required is not enough: %v\n%s", name, diags, data)
			continue
		}
		removed := 0
		eachRequired(whole, root.spec, name, func(path string, remove, restore func()) {
			remove()
			if removed++; len(check()) == 0 {
				t.Errorf("%s is required, but nothing reports that it is missing", path)
			}
			restore()
		})
		t.Logf("%s: %d keys are required", name, removed)
	}
}

// eachRequired calls f with functions that remove a required key in a value, and put it back.
func eachRequired(value any, s *Spec, path string, f func(path string, remove, restore func())) {
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			old, spec := value[key], s.key(key)
			if spec.Required {
				f(path+"."+key, func() { delete(value, key) }, func() { value[key] = old })
			}
			eachRequired(old, spec, path+"."+key, f)
		}
	case []any:
		for i, item := range value {
			eachRequired(item, s.Items, fmt.Sprintf("%s[%d]", path, i), f)
		}
	}
}

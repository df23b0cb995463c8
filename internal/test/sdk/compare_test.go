package sdk_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSameAnswers sends the same requests to the plugin in Go and to that in Python. What Dify makes
// of the answers must be equal, but for the differences.
func TestSameAnswers(t *testing.T) {
	compare(t, "parrot", requests(), differences)
}

func compare(t *testing.T, name string, list []request, differences []difference) {
	t.Helper()
	inGo, inPython := plugins(t, name)
	ours, theirs := hosted(t, inGo), hosted(t, inPython)
	used, compared := make(map[string]bool), 0
	for _, r := range list {
		t.Run(r.name, func(t *testing.T) {
			compared++
			a, b := response(t, ours, r), response(t, theirs, r)
			if cmp.Equal(read(t, b), read(t, a)) {
				return
			}
			erased := erase(differences, r, read(t, a), read(t, b), "")
			if diff := cmp.Diff(erased[1], erased[0]); diff != "" {
				t.Errorf("outcomes (-Python +Go):\n%s\nPython: %.2000s\nGo: %.2000s", diff, b, a)
				return
			}
			for _, d := range differences {
				if erased := erase(differences, r, read(t, a), read(t, b), d.name); !cmp.Equal(erased[1], erased[0]) {
					used[d.name] = true
				}
			}
		})
	}
	for _, d := range differences {
		if !used[d.name] && compared == len(list) {
			t.Errorf("there is no difference any more: %s", d.name)
		}
	}
	t.Logf("%d requests compared", compared)
	for _, fault := range ours.Faults() {
		t.Errorf("Dify would reject of the plugin in Go: %s", fault)
	}
	for _, fault := range theirs.Faults() {
		t.Logf("Dify would reject of the plugin in Python: %s", fault)
	}
}

// erase returns both outcomes, the first in Go, without the differences, but for that of a name.
func erase(differences []difference, r request, inGo, inPython outcome, but string) [2]outcome {
	for _, d := range differences {
		if d.name != but {
			d.erase(r, &inGo, &inPython)
		}
	}
	return [2]outcome{inGo, inPython}
}

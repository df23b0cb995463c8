package runtime_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
)

func TestOptional(t *testing.T) {
	t.Parallel()
	var absent runtime.Optional[int64]
	zero, three := runtime.Some(int64(0)), runtime.Some(int64(3))
	if absent == zero || zero == three || three != runtime.Some(int64(3)) || !cmp.Equal(three, runtime.Some(int64(3))) || cmp.Equal(absent, zero) {
		t.Error("comparing does not tell absent, 0 and 3 apart")
	}
	if absent.Or(7) != 7 || zero.Or(7) != 0 || absent.IsSet() || !zero.IsSet() {
		t.Error("an absent value is not absent, or 0 is")
	}
	if n, ok := three.Get(); n != 3 || !ok {
		t.Errorf("got %d, %v", n, ok)
	}
	if got := absent.String() + " " + three.String(); got != "absent 3" {
		t.Error(got)
	}
	type params struct{ A, B runtime.Optional[int64] }
	data, err := json.Marshal(params{B: zero})
	if err != nil || string(data) != `{"A":null,"B":0}` {
		t.Errorf("%s, %v", data, err)
	}
	got := params{A: three}
	if err := json.Unmarshal(data, &got); err != nil || got != (params{B: zero}) {
		t.Errorf("%v, %v", got, err)
	}
	if err := json.Unmarshal([]byte(`{"A":"x"}`), &got); err == nil {
		t.Error("a text becomes a number")
	}
}

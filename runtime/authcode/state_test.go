package authcode

import (
	"encoding/base64"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/difygen/difygen/runtime"
)

// TestRootKey checks that the key is the same in every process, and depends on all of the
// client.
func TestRootKey(t *testing.T) {
	t.Parallel()
	keys := make(map[string]bool)
	for _, c := range [][2]string{{"id", "secret"}, {"id", "secret2"}, {"id2", "secret"}, {"ids", "ecret"}} {
		key, err := roots.of(c[0], runtime.NewSecret(c[1]))()
		if err != nil {
			t.Fatal(err)
		}
		keys[string(key)] = true
	}
	if len(keys) != 4 {
		t.Errorf("4 clients have %d keys", len(keys))
	}
	key, err := roots.of("id", runtime.NewSecret("secret"))()
	if got, want := base64.StdEncoding.EncodeToString(key), "Hk2DOa6Q3RqEttTxUhAHIuWUsuARNCL85d0QpjJsBHw="; err != nil || got != want {
		t.Errorf("got %s, %v, want %s as before: states of other processes would not be valid", got, err, want)
	}
}

// TestRootKeyIsKept checks that a key is derived once, also at the same time.
func TestRootKeyIsKept(t *testing.T) {
	t.Parallel()
	var keys rootKeys
	derive := func() {
		if _, err := keys.of("kept", runtime.NewSecret("secret"))(); err != nil {
			t.Error(err)
		}
	}
	derive()
	start := time.Now()
	var group sync.WaitGroup
	for range 1000 {
		group.Go(derive)
	}
	group.Wait()
	if took := time.Since(start); took > 20*time.Second { // to derive them would take a minute
		t.Errorf("1000 keys took %v", took)
	}
}

// TestRootKeysAreLimited checks that no more than maxRoots keys are kept.
func TestRootKeysAreLimited(t *testing.T) {
	t.Parallel()
	var keys rootKeys
	for i := range 3 * maxRoots {
		keys.of(strconv.Itoa(i), runtime.NewSecret("secret"))
		if n := len(keys.keys); n == 0 || n > maxRoots || i < maxRoots && n != i+1 {
			t.Fatalf("%d keys are kept of %d", n, i+1)
		}
	}
}

// BenchmarkRootKey measures what a client costs once, and what a guess of its secret costs.
func BenchmarkRootKey(b *testing.B) {
	for b.Loop() {
		if _, err := new(rootKeys).of("id", runtime.NewSecret("secret"))(); err != nil {
			b.Fatal(err)
		}
	}
}

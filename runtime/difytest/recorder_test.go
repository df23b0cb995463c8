package difytest_test

import (
	"fmt"
	goruntime "runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/serve"
)

// newPlugin returns a plugin with a tool provider.
func newPlugin(declaration string, adapter runtime.Adapter) *serve.Plugin {
	return pluginOf("tool_declaration", declaration, adapter)
}

func pluginOf(typ, declaration string, adapters ...runtime.Adapter) *serve.Plugin {
	return serve.NewPlugin(serve.Declaration{
		Author: "a", Name: "n", Version: "0.0.1",
		Manifest:  `{"resource":{"permission":{"tool":{"enabled":true},"model":{"enabled":true,"llm":true}}}}`,
		Providers: []serve.ProviderDeclaration{{Type: typ, Data: declaration}},
	}, nil, adapters...)
}

// record runs a test, and returns the errors that it reports and what it logs.
func record(t *testing.T, test func(tb testing.TB)) (errors []string, log string) {
	t.Helper()
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(r)
	}()
	<-done
	for _, f := range slices.Backward(r.cleanups) {
		f()
	}
	return r.errors, strings.Join(r.log, "\n")
}

// recorder records errors instead of failing.
type recorder struct {
	testing.TB
	mutex    sync.Mutex
	errors   []string
	log      []string
	cleanups []func()
}

func (r *recorder) Helper() {}

func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

func (r *recorder) Failed() bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return len(r.errors) > 0
}

func (r *recorder) Errorf(format string, args ...any) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	goruntime.Goexit()
}

func (r *recorder) Fatal(args ...any) { r.Fatalf("%s", fmt.Sprint(args...)) }
func (r *recorder) Error(args ...any) { r.Errorf("%s", fmt.Sprint(args...)) }

func (r *recorder) Logf(format string, args ...any) {
	r.log = append(r.log, fmt.Sprintf(format, args...))
}

// Package odd has code of rare forms.
package odd

import (
	"fmt"
	"log"
	"net/http"

	"github.com/difygen/difygen/runtime"
)

type printer interface {
	Printf(format string, args ...any)
}

type pair[K comparable, V any] struct {
	key   K
	value V
}

func (p pair[K, V]) print(f func(string, ...any)) { f("%v %v", p.key, p.value) }

func show[T any](v T) { log.Print(v) } // want show:`prints: \[0\] \[log.Print\]`

func rare(s runtime.Secret, p printer, secrets ...runtime.Secret) {
	reveal := s.Reveal
	log.Print(reveal()) // want `gets into log.Print`
	text := runtime.Secret.Reveal
	log.Print(text(s)) // want `gets into log.Print`
	print := log.Print
	print("x")
	p.Printf("%s", s)
	pair[string, runtime.Secret]{"k", s}.print(log.Printf)
	show(s)
	get := http.DefaultClient.Get
	_ = get
	for i, f := range []func() string{s.Reveal, nil} {
		if i == 0 {
			log.Print(f == nil)
		}
	}
	var a [2]string
	a[1] = s.Reveal()
	log.Print(a[1]) // want `gets into log.Print`
	m := map[string][]string{"k": {s.Reveal()}}
	for _, list := range m {
		fmt.Println(len(list))
	}
	log.Print(m["k"], m["other"]) // want `gets into log.Print`
	func() {
		defer func() { log.Print(recover()) }()
		panic(s.Reveal()) // want `gets into panic`
	}()
	loop(s.Reveal(), 3)
	c := make(chan string, 1)
	c <- s.Reveal()
	log.Print(<-c)
	if len(secrets) > 0 {
		rare(secrets[0], p, secrets[1:]...)
	}
	goto end
end:
	switch v := any(s).(type) {
	case fmt.Stringer:
		log.Print(v.String())
	}
}

func loop(s string, n int) string {
	if n == 0 {
		return s
	}
	return loop(s+"x", n-1)
}

var _ = func() int { log.Print("start"); return 1 }()

func _() { log.Print("never") }

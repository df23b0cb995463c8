package runtime_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"log"
	"log/slog"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"text/template"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
)

const hidden = "sk-hunter2-ünseen"

// traces returns the texts by which the secret could be recognized.
func traces() []string {
	hexText := fmt.Sprintf("%x", hidden)
	return []string{hidden, "hunter2", hexText, strings.ToUpper(hexText), "104 117 110 116 101 114"}
}

func checkNoTrace(t *testing.T, what, output string) {
	t.Helper()
	for _, trace := range traces() {
		if strings.Contains(output, trace) {
			t.Errorf("%s shows the secret: %s", what, output)
		}
	}
}

type exported struct{ Key runtime.Secret }

type unexported struct {
	key  runtime.Secret
	list []runtime.Secret
	ptr  *runtime.Secret
	any  any
	m    map[string]runtime.Secret
	deep struct{ inner exported }
}

type secretError struct{ key runtime.Secret }

func (e secretError) Error() string { return fmt.Sprintf("bad key %v", e.key) }

func holders() map[string]any {
	s := runtime.NewSecret(hidden)
	u := unexported{key: s, list: []runtime.Secret{s}, ptr: &s, any: s, m: map[string]runtime.Secret{"k": s}}
	u.deep.inner.Key = s
	return map[string]any{
		"bare": s, "pointer": &s, "exported": exported{s}, "exported pointer": &exported{s},
		"unexported": u, "unexported pointer": &u,
		"slice": []runtime.Secret{s}, "array": [1]runtime.Secret{s}, "any slice": []any{s, &s},
		"map": map[string]runtime.Secret{"k": s}, "any map": map[string]any{"k": s},
		"error": secretError{s}, "wrapped error": fmt.Errorf("call: %w", secretError{s}),
		"joined error": errors.Join(secretError{s}, fmt.Errorf("%v", s)),
		"typed error":  &runtime.Error{Type: runtime.ErrorToolCredentials, Err: secretError{s}},
		"result":       runtime.OAuthResult[exported]{Credentials: exported{s}},
	}
}

func TestSecretNeverShows(t *testing.T) {
	t.Parallel()
	var verbs []string
	for _, flags := range []string{"", "+", "#", "-", " ", "0", "40", "-40", ".3", "40.3", "+#"} {
		for _, verb := range "vsqxXdTtbcoOUeEfFgGpw" {
			verbs = append(verbs, "%"+flags+string(verb))
		}
	}
	for name, holder := range holders() {
		for _, verb := range verbs {
			checkNoTrace(t, name+" through "+verb, fmt.Sprintf(verb, holder))
		}
		checkNoTrace(t, name+" through Sprint", fmt.Sprint(holder))
		checkNoTrace(t, name+" through Sprintln", fmt.Sprintln("x", holder))

		var b bytes.Buffer
		for _, h := range []slog.Handler{
			slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil),
		} {
			slog.New(h).With("with", holder).WithGroup("g").Info("message", "value", holder, slog.Any("any", holder))
		}
		log.New(&b, "", 0).Println(holder)
		if data, err := json.Marshal(holder); err == nil {
			b.Write(data)
		}
		if data, err := xml.Marshal(holder); err == nil {
			b.Write(data)
		}
		_ = gob.NewEncoder(&b).Encode(holder)
		_ = template.Must(template.New("").Parse("{{.}} {{printf `%v %s` . .}} {{html .}} {{js .}} {{print .}}")).Execute(&b, holder)
		_ = htmltemplate.Must(htmltemplate.New("").Parse("{{.}}<script>{{.}}</script><a href='{{.}}'>")).Execute(&b, holder)
		b.WriteString(cmp.Diff(holder, 1))
		fmt.Fprintf(&b, "%#v", reflect.ValueOf(holder))
		checkNoTrace(t, name, b.String())
	}
}

func TestSecretEncodings(t *testing.T) {
	t.Parallel()
	s := runtime.NewSecret(hidden)
	data, err := json.Marshal(map[string]any{"a": s, "b": []runtime.Secret{s}, "c": exported{s}})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"a":"[redacted]","b":["[redacted]"],"c":{"Key":"[redacted]"}}`
	if string(data) != want {
		t.Errorf("got %s, want %s", data, want)
	}
	if got := fmt.Sprintf("%v %s %#v %d", s, s, s, s); got != "[redacted] [redacted] [redacted] [redacted]" {
		t.Errorf("got %s", got)
	}
}

// TestSecretInPanic panics with each holder in a process and checks its output.
func TestSecretInPanic(t *testing.T) {
	t.Parallel()
	if name := os.Getenv("DIFYGEN_TEST_PANIC"); name != "" {
		panic(holders()[name])
	}
	for name := range holders() {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestSecretInPanic$") //nolint:gosec // ourselves
		cmd.Env = append(os.Environ(), "DIFYGEN_TEST_PANIC="+name)
		output, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(output), "panic:") {
			t.Fatalf("%s: no panic: %s", name, output)
		}
		checkNoTrace(t, name+" in a panic", string(output))
	}
}

func TestSecretEqual(t *testing.T) {
	t.Parallel()
	a, b, zero := runtime.NewSecret("a"), runtime.NewSecret("b"), runtime.Secret{}
	if !a.Equal(runtime.NewSecret("a")) || a.Equal(b) || a.Equal(zero) || !zero.Equal(runtime.NewSecret("")) {
		t.Error("Equal does not compare the texts")
	}
	if !zero.IsZero() || !runtime.NewSecret("").IsZero() || a.IsZero() || a.Reveal() != "a" || zero.Reveal() != "" {
		t.Error("IsZero or Reveal is wrong")
	}
	if diff := cmp.Diff(exported{a}, exported{runtime.NewSecret("a")}); diff != "" {
		t.Error("go-cmp does not compare texts:", diff)
	}
	if !reflect.DeepEqual(exported{a}, exported{runtime.NewSecret("a")}) || reflect.DeepEqual(a, b) {
		t.Error("DeepEqual does not compare texts")
	}
	unequal := cmp.Diff(exported{runtime.NewSecret(hidden)}, exported{runtime.NewSecret(hidden + "2")})
	if unequal == "" {
		t.Error("go-cmp does not tell different secrets apart")
	}
	checkNoTrace(t, "go-cmp", unequal)
}

// TestMask checks what libraries see that follow pointers: equal secrets look the same, and the
// masks of different ones do not cancel out.
func TestMask(t *testing.T) {
	t.Parallel()
	masked := func(text string) string {
		return reflect.ValueOf(runtime.NewSecret(text)).FieldByName("masked").Elem().String()
	}
	const a, b = "hunter2-hunter2-hunter2-", "hunter3-hunter3-hunter3-"
	first, second := masked(a), masked(b)
	if first != masked(a) {
		t.Error("equal secrets have different forms")
	}
	for i := range len(first) - len(a) + 1 {
		var same int
		for j := range len(a) {
			if first[i+j]^second[i+j] == a[j]^b[j] {
				same++
			}
		}
		if same > len(a)/2 {
			t.Errorf("%d of %d characters follow from the forms of two secrets", same, len(a))
		}
	}
}

package directive_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/directive"
)

func TestFind(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		file, src string
		want      []string // LINE PACKAGE: WORDS
		err       string
	}{
		"none":          {src: "package p\n"},
		"words":         {src: "package p\n\n//go:generate  difygen\t-o .. \"a b\" \"\\x41\" c\"d\"\n", want: []string{`3 p: ["difygen" "-o" ".." "a b" "A" "c\"d\""]`}},
		"tab, CRLF":     {src: "package p\r\n//go:generate\tdifygen a\r\n", want: []string{`2 p: ["difygen" "a"]`}},
		"not at start":  {src: "package p\n //go:generate difygen\n// go:generate difygen\n//go:generatedifygen\n/*\n//go:generate x\n*/\n", want: []string{`6 p: ["x"]`}},
		"not Go below":  {src: "package p\n{{{\n//go:generate difygen\n", want: []string{`3 p: ["difygen"]`}},
		"no package":    {src: "//go:generate difygen\n"},
		"documentation": {src: "package documentation\n//go:generate difygen\n"},
		"external test": {file: "a_test.go", src: "package p_test\n//go:generate difygen -package $GOPACKAGE\n", want: []string{`2 p_test: ["difygen" "-package" "p_test"]`}},
		"variables": {
			src:  "package p\n//go:generate $GOFILE:$GOLINE ${GOPACKAGE}x $DOLLAR{HOME} \"$PWD\" $DIFYGEN_NO_SUCH\n",
			want: []string{`2 p: ["a.go:2" "px" "${HOME}" "dir" ""]`},
		},
		"a command": {
			src:  "package p\n//go:generate -command gen go tool difygen\n//go:generate gen -o $GOPACKAGE\n//go:generate x gen\n",
			want: []string{`3 p: ["go" "tool" "difygen" "-o" "p"]`, `4 p: ["x" "gen"]`},
		},
		"constraint":         {src: "//go:build ignore\n\npackage p\n//go:generate difygen\n"},
		"tag generate":       {src: "//go:build generate\n\npackage p\n//go:generate difygen\n", want: []string{`4 p: ["difygen"]`}},
		"other system":       {file: "a_plan9.go", src: "package p\n//go:generate difygen\n"},
		"ignored file":       {file: "_a.go", src: "package p\n//go:generate difygen\n"},
		"quotes":             {src: "package p\n//go:generate difygen \"a\n//go:generate other \"a\n", err: "d/a.go:2: a quoted word of this directive is not a Go string"},
		"space after quotes": {src: "package p\n//go:generate difygen \"a\"b\n", err: "d/a.go:2: a quoted word of this directive needs a space after it"},
		"no newline":         {src: "package p\n//go:generate difygen", err: "d/a.go:2: the go command needs a newline after this directive"},
		"too long":           {src: "package p\n//go:generate difygen " + strings.Repeat("x", 5000) + "\n", err: "d/a.go:2: the go command takes no directive this long"},
		"two": {
			src: "package p\n//go:generate difygen \"\n//go:generate\n//go:generate difygen \"a\"b\n",
			err: "d/a.go:2: a quoted word of this directive is not a Go string\nd/a.go:4: a quoted word of this directive needs a space after it",
		},
		"defined twice": {
			src: "package p\n//go:generate -command difygen a\n//go:generate -command difygen b\n",
			err: "d/a.go:3: -command defines \"difygen\" again",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := tt.file
			if file == "" {
				file = "a.go"
			}
			list, err := directive.Find("dir", file, "d/"+file, []byte(tt.src))
			var got []string
			for _, d := range list {
				got = append(got, fmt.Sprintf("%d %s: %q", d.Line, d.Package, d.Words))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("directives (-want +got):\n%s", diff)
			}
			if message := fmt.Sprint(err); (err != nil || tt.err != "") && message != tt.err {
				t.Errorf("error %s, want %s", message, tt.err)
			}
		})
	}
}

// TestGoGenerate compares Find with go generate -n, which prints the commands.
func TestGoGenerate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const src = "package p\n\n//go:generate -command gen echo x\n//go:generate gen \"a b\" $GOFILE $GOLINE $GOPACKAGE $GOOS/$GOARCH $DOLLAR\n" +
		"//go:generate\techo \"\\u00e9\" c\"d\nvar x = `\n//go:generate echo raw\n`\n// //go:generate echo no\n//go:generatex echo no\n"
	for name, data := range map[string]string{
		"go.mod": "module example.com/p\n\ngo 1.25\n", "a.go": src, "a_test.go": strings.Replace(src, "package p", "package p_test", 1),
		"tagged.go": "//go:build generate\n\n" + src, "ignored.go": "//go:build never\n\n" + src, "_x.go": src, "b_plan9.go": src,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "generate", "-n")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var got strings.Builder
	for _, name := range []string{"a.go", "tagged.go", "a_test.go", "ignored.go", "_x.go", "b_plan9.go"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		list, err := directive.Find(dir, name, name, data)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range list {
			fmt.Fprintln(&got, strings.Join(d.Words, " "))
		}
	}
	if diff := cmp.Diff(string(out), got.String()); diff != "" || len(out) == 0 {
		t.Errorf("commands (-go generate +Find):\n%s", diff)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"":                                     "",
		"difygen":                              `[] in ""`,
		"difygen -o x a.yaml":                  `["-o" "x" "a.yaml"] in ""`,
		"../bin/difygen.exe a":                 `["a"] in ""`,
		"difygen-vet ./...":                    "",
		"go":                                   "",
		"go tool":                              "",
		"go tool difygen":                      `[] in ""`,
		"go tool -modfile=t.mod difygen -v":    `["-v"] in ""`,
		"go tool -modfile t.mod difygen -v":    `["-v"] in ""`,
		"go tool -C ../.. difygen x":           `["x"] in "../.."`,
		"go tool --C=x difygen":                `[] in "x"`,
		"go tool -n difygen":                   "",
		"go tool vet difygen":                  "",
		"go tool example.com/cmd/difygen a":    `["a"] in ""`,
		"go run ./cmd/difygen":                 `[] in ""`,
		"go run cmd/difygen":                   `[] in ""`,
		"go run a.com/cmd/difygen@latest x":    `["x"] in ""`,
		"go run -mod mod -race ../cmd/difygen": `[] in ""`,
		"go run -tags cmd/difygen ./x":         "",
		"go run x.go cmd/difygen":              "",
		"go run":                               "",
		"go build ./cmd/difygen":               "",
		"go run ./cmd/difygen-vet":             "",
		"go run -C":                            "",
		"echo difygen":                         "",
		"go -C ../.. tool difygen x":           `["x"] in "../.."`,
		"go -C=a tool difygen x":               `["x"] in "a"`,
		"go --C a run ./cmd/difygen":           `[] in "a"`,
		"go -C tool difygen":                   "",
		"go -C":                                "",
		"go -x tool difygen":                   "",
		"go C a tool difygen":                  "",
	} {
		got := ""
		if args, in, ok := directive.Run(strings.Fields(line)); ok {
			got = fmt.Sprintf("%q in %q", args, in)
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", line, got, want)
		}
	}
}

func TestMentions(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		"env A=b difygen":                   true,
		`sh -c "cd`:                         false,
		`sh -c difygen;true`:                true,
		"go install a.com/cmd/difygen@v1":   true,
		"x --with=../bin/difygen.exe":       true,
		"go vet -vettool=difygen-vet ./...": false,
		"go run ./difygen/x":                false,
	} {
		if got := directive.Mentions(strings.Split(line, " ")); got != want {
			t.Errorf("%s: got %v", line, got)
		}
	}
	if !directive.Mentions([]string{"sh", "-c", "cd .. && difygen x.yaml"}) {
		t.Error("a script does not mention difygen")
	}
}

func FuzzFind(f *testing.F) {
	f.Add("package p\n//go:generate -command a \"\\n\" $GOFILE\n//go:generate a difygen \"\n")
	f.Fuzz(func(t *testing.T, src string) {
		list, _ := directive.Find("dir", "a.go", "a.go", []byte(src))
		for _, d := range list {
			if len(d.Words) == 0 || d.Line < 1 || d.Package == "" {
				t.Errorf("%+v", d)
			}
			_, _, _ = directive.Run(d.Words)
			_ = directive.Mentions(d.Words)
		}
	})
}

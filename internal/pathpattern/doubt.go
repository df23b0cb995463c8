package pathpattern

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/difygen/difygen/internal/text"
)

// Doubt is a text in a pattern that its author hardly means as it is.
type Doubt struct {
	Problem string // one line, without a final period
	Meant   string // what to write instead of the text, or ""
}

// foreign is a value as other frameworks write it. A colon in the middle of a part is none: a path
// can be /models/a:generate.
var foreign = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\{(\*{0,2})(\w[\w-]*)((?:\.\.\.|\*|[:=?])[^{}]*)?\}` + // {id}, {id...}, {id:path}, {*id}
		`|^:(\w+)(?:\([^()]*\))?[?*+]?` + // :id, :id?, :id*
		`|^\[(\.\.\.)?(\w[\w-]*)\]$` + // [id], [...id]
		`|^(\*\*?)(\w*)$`) // *, *id
})

// What a foreign value has.
const (
	_ = iota
	braceStar
	braceName
	braceRest
	colonName
	bracketRest
	bracketName
	star
	starName
)

// escape is a byte that is encoded as in a URL.
var escape = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`%[0-9A-Fa-f]{2}`) })

// Doubts returns what is dubious in a pattern that Parse reads: values as other frameworks write
// them, and what the paths of requests do not have.
func Doubts(pattern string) []Doubt {
	var list []Doubt
	for part := range strings.SplitSeq(outline(pattern), "/") {
		if part == "." || part == ".." {
			list = append(list, Doubt{Problem: "clients leave . and .. out before they send a path; write the path without them"})
		}
		part = foreign().ReplaceAllStringFunc(part, func(s string) string {
			list = append(list, Doubt{text.Name(s) + " is not a value but a text, which the path must have as it is", meant(s)})
			return ""
		})
		if at := strings.IndexAny(part, "?#"); at >= 0 {
			list = append(list, Doubt{Problem: afterPath(part[at])})
		}
		if s := escape().FindString(part); s != "" {
			list = append(list, Doubt{Problem: fmt.Sprintf("paths are decoded before they are compared, so that %s is none of a request's; write the character that it stands for", s)})
		}
	}
	return list
}

// outline returns a pattern with a character for each value, so that only texts are left.
func outline(pattern string) string {
	var b strings.Builder
	for rest := pattern; rest != ""; {
		m := token().FindStringSubmatch(rest)
		if m == nil {
			break // Parse says so
		}
		rest = rest[len(m[0]):]
		if m[tokenName] != "" {
			m[0] = "\x00"
		}
		b.WriteString(m[0])
	}
	return b.String()
}

// afterPath says that a character is where paths end.
func afterPath(c byte) string {
	if c == '#' {
		return "the path of a request ends before #, and what follows is not sent; leave it out"
	}
	return "the path of a request ends before ?, where its query starts; leave that out, and read it with r.URL.Query()"
}

// meant returns a foreign value as a pattern has it.
func meant(s string) string {
	m := foreign().FindStringSubmatch(s)
	name := strings.ReplaceAll(m[braceName]+m[colonName]+m[bracketName]+m[starName], "-", "_")
	if strings.TrimLeft(name, "0123456789") != name || name == "" {
		name = "name"
	}
	rest := strings.TrimLeft(m[braceRest], ":=")
	typ := ""
	switch {
	case m[braceStar]+m[bracketRest]+m[star] != "", rest == "...", rest == "*", rest == ".*", rest == "path":
		typ = "path:"
	case rest == "int" || rest == "float" || rest == "uuid":
		typ = rest + ":"
	}
	return "<" + typ + name + ">"
}

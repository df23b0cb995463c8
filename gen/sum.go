package gen

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"

	"github.com/difygen/difygen/model"
)

// emission counts the versions of generated code: raise it with every change of
// what is generated from the same provider. A test notices if that is forgotten.
const emission = 7

// sumMark starts the line with the sum of a generated file: over what it was made
// from and what it says. With it, a file that is up to date is known without being
// generated again.
const sumMark = "// difygen:sum "

// withSum puts the sum into a generated file, below its header.
func (p *Plan) withSum(src []byte) []byte {
	header, body, _ := bytes.Cut(src, []byte("\n"))
	var b bytes.Buffer
	b.Grow(len(src) + 80)
	b.Write(header)
	b.WriteString("\n" + sumMark + p.sum(src) + "\n")
	b.Write(body)
	return b.Bytes()
}

// made reports whether src is a file that this version generated for p.
func (p *Plan) made(src []byte) bool {
	src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	header, rest, _ := bytes.Cut(src, []byte("\n"))
	line, body, _ := bytes.Cut(rest, []byte("\n"))
	sum, ok := bytes.CutPrefix(line, []byte(sumMark))
	return ok && string(sum) == p.sum(header, []byte("\n"), body)
}

func (p *Plan) sum(src ...[]byte) string {
	h := sha256.New()
	h.Write(p.origin[:])
	for _, part := range src {
		h.Write(part)
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:18])
}

// origin is a hash of everything that the code for p depends on.
func origin(p *model.Provider, o Options) [sha256.Size]byte {
	d := digest(make([]byte, 0, 4096))
	d.numbers(emission)
	d.texts(o.Package, o.Source, o.Type, o.Name, string(p.Kind), p.Name)
	d.present(o.Kind)
	if d.present(o.Prefix != nil) {
		d.texts(*o.Prefix)
	}
	d.text(p.Label)
	d.numbers(len(p.Sections))
	for i := range p.Sections {
		s := &p.Sections[i]
		d.texts(string(s.Name), s.Path)
		d.numbers(len(s.Fields))
		for i := range s.Fields {
			d.field(&s.Fields[i])
		}
	}
	return sha256.Sum256(d)
}

// digest spells values so that different ones have different spellings.
type digest []byte

func (d *digest) numbers(list ...int) {
	for _, n := range list {
		*d = append(strconv.AppendInt(*d, int64(n), 10), ' ')
	}
}

func (d *digest) texts(list ...string) {
	for _, s := range list {
		d.numbers(len(s))
		*d = append(*d, s...)
	}
}

func (d *digest) present(is bool) bool {
	if is {
		*d = append(*d, 1)
	} else {
		*d = append(*d, 0)
	}
	return is
}

func (d *digest) value(v any) {
	if d.present(v != nil) {
		d.texts(fmt.Sprintf("%T %v", v, v))
	}
}

func (d *digest) text(t model.Text) { d.texts(t.English, t.Chinese, t.Japanese, t.Portuguese) }

func (d *digest) textPtr(t *model.Text) {
	if d.present(t != nil) {
		d.text(*t)
	}
}

func (d *digest) float(f *float64) {
	if d.present(f != nil) {
		d.value(*f)
	}
}

func (d *digest) conditions(list []model.Condition) {
	d.numbers(len(list))
	for _, c := range list {
		d.texts(c.Variable, c.Value)
	}
}

func (d *digest) field(f *model.Field) {
	d.texts(f.Name, string(f.Type), f.URL)
	d.present(f.Required)
	d.present(f.Multiple)
	d.value(f.Default)
	d.text(f.Label)
	d.textPtr(f.Help)
	d.textPtr(f.Placeholder)
	if d.present(f.Scope != nil) {
		d.texts(*f.Scope)
	}
	d.conditions(f.ShowOn)
	d.numbers(f.MaxLength)
	d.float(f.Min)
	d.float(f.Max)
	if d.present(f.Precision != nil) {
		d.numbers(*f.Precision)
	}
	d.numbers(len(f.Options))
	for i := range f.Options {
		o := &f.Options[i]
		d.texts(o.Value)
		d.value(o.Raw)
		d.text(o.Label)
		d.conditions(o.ShowOn)
	}
}

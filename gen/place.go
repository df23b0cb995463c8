package gen

import (
	"slices"
	"strconv"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

// place is where a file of the YAML has something: FILE:LINE, which editors and terminals can
// open, then its path of keys, if that is not empty. Of something without a line of its own, it
// is the file.
func place(file string, line int, path string) string {
	at := file
	if line > 0 {
		at += ":" + strconv.Itoa(line)
	}
	if path != "" {
		at += " " + path
	}
	return text.Line(at)
}

// places are the lines of a comment that say where the YAML declares the field: its first
// declaration that counts, with its path, and then the others.
func (f *field) places() []string {
	const most = 6
	lines := []string{"YAML: " + place(f.file, f.about.Pos.Line, f.path)}
	var others []string
	for _, d := range f.about.Declarations {
		for _, pos := range append([]model.Position{d.Pos}, d.Also...) {
			if at := place(f.file, pos.Line, ""); pos.Line != f.about.Pos.Line && !slices.Contains(others, at) {
				others = append(others, at)
			}
		}
	}
	if len(others) > most {
		others = append(others[:most-1:most-1], strconv.Itoa(len(others)-most+1)+" more places")
	}
	if len(others) == 0 {
		return lines
	}
	return append(lines, wrap("Also "+listed(others, "and")+".")...)
}

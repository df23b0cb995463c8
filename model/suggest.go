package model

import "github.com/difygen/difygen/internal/text"

// nearest returns what an author may have meant with s: one of words, or "".
func nearest[W ~string](s string, words []W) string { return text.Nearest(s, words) }

// fold returns s in the spelling in which words are compared.
func fold(s string) string { return text.Fold(s) }

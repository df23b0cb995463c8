package text

import "strings"

// maxWords bounds the words among which Nearest looks.
const maxWords = 200

// Nearest returns the word that s probably misspells or abbreviates, or "". Of very many
// words it suggests none.
func Nearest[W ~string](s string, words []W) string {
	if len(words) > maxWords {
		return ""
	}
	best, bestDistance := "", 1+min(len(s), 40)/3
	for _, w := range words {
		d := Distance(Fold(s), Fold(string(w)), bestDistance)
		if len(s) >= 3 && strings.HasPrefix(Fold(string(w)), Fold(s)) || len(w) >= 3 && strings.HasPrefix(Fold(s), Fold(string(w))) && len(s)-len(w) <= 4 {
			d = min(d, 1)
		}
		if d < bestDistance {
			best, bestDistance = string(w), d
		}
	}
	return best
}

// Fold returns s in lower case and with - between words.
func Fold(s string) string {
	return strings.Map(func(c rune) rune {
		if c == '_' || c == ' ' {
			return '-'
		}
		return c
	}, strings.ToLower(s))
}

// Distance returns the optimal string alignment distance of a and b, which counts
// insertions, deletions, substitutions and transpositions of adjacent characters, or limit
// if that is less.
func Distance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) >= limit || len(y)-len(x) >= limit {
		return limit
	}
	rows := [3][]int{make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(x); i++ {
		rows[2][0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			d := min(rows[1][j]+1, rows[2][j-1]+1, rows[1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d = min(d, rows[0][j-2]+1)
			}
			rows[2][j] = d
		}
		rows[0], rows[1], rows[2] = rows[1], rows[2], rows[0]
	}
	return min(rows[1][len(y)], limit)
}

package text

import "unicode"

// Words splits s into words: at everything except letters and digits, before an
// uppercase letter that follows a lowercase letter or digit (accessToken), and before
// the last of several uppercase letters (APISecret).
func Words(s string) []string {
	var words []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			words = append(words, string(word))
			word = word[:0]
		}
	}
	chars := []rune(s)
	for i, c := range chars {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			end()
			continue
		}
		if unicode.IsUpper(c) && len(word) > 0 {
			last := word[len(word)-1]
			beforeLower := i+1 < len(chars) && unicode.IsLower(chars[i+1])
			if !unicode.IsUpper(last) || beforeLower {
				end()
			}
		}
		word = append(word, c)
	}
	end()
	return words
}

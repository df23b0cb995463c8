package text

import "unicode"

// Words cuts s into words at everything that is no letter or digit, before a
// capital after a small letter or digit (accessToken), and before the last
// capital of several (APISecret).
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
			beforeSmall := i+1 < len(chars) && unicode.IsLower(chars[i+1])
			if !unicode.IsUpper(last) || beforeSmall {
				end()
			}
		}
		word = append(word, c)
	}
	end()
	return words
}

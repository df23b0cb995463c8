package model

import (
	"slices"
	"strings"
	"sync"

	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/internal/yamldoc"
)

// languageKeys returns the languages of the host.
var languageKeys = sync.OnceValue(yamldoc.Keys[hostText])

// isLanguage reports whether s looks like the code of a language, such as en_US.
func isLanguage(s string) bool {
	language, region, more := strings.Cut(strings.ReplaceAll(s, "-", "_"), "_")
	letters := !strings.ContainsFunc(language+region, func(c rune) bool { return !isLetter(c) })
	return letters && len(language) == 2 && (!more || len(region) >= 2 && len(region) <= 4)
}

// Regions of the host's languages, as fold returns them.
var (
	// sameText are those whose readers have the host's text.
	sameText = map[string][]string{"en": {"en"}, "zh": {"cn", "sg", "chs"}}
	// otherText are those that are meant, though they are almost the host's.
	otherText = map[string][]string{"en": {"uk", "ug"}, "zh": {"hant"}}
)

// meantLanguage returns the language of the host that s probably misspells, or "". Another
// language, script or region is meant as it is: ko_KR, zh_Hant, pt_PT.
func meantLanguage(s string) string {
	language, region, _ := strings.Cut(text.Fold(s), "-")
	for _, known := range languageKeys() {
		if misspells(language, region, known) {
			return known
		}
	}
	return ""
}

// misspells reports whether a language and a region, which can be empty, probably misspell
// a language of the host.
func misspells(language, region, known string) bool {
	itsLanguage, itsRegion, _ := strings.Cut(text.Fold(known), "-")
	switch {
	case language != itsLanguage && region == "":
		return language == itsRegion || language == itsLanguage+itsRegion || slices.Contains(sameText[itsLanguage], language)
	case language != itsLanguage: // es_US is meant
		return region == itsRegion && itsLanguage != "en" && text.Distance(language, itsLanguage, 2) < 2
	case slices.Contains(otherText[language], region):
		return false
	}
	return region == "" || strings.HasPrefix(region, itsRegion) || text.Distance(region, itsRegion, 2) < 2 ||
		slices.Contains(sameText[language], region)
}

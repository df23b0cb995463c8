package model

import "testing"

func TestIsLanguage(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"en_US": true, "en-US": true, "fr": true, "zh_Hant": true, "PT_br": true, "zh_Hans": true,
		"": false, "e": false, "eng": false, "en_": false, "en_U": false, "en_USAAA": false, "en_US_x": false, "e1": false,
		"en_U1": false, "label": false, "é1": false,
	} {
		if got := isLanguage(s); got != want {
			t.Errorf("isLanguage(%q) = %t, want %t", s, got, want)
		}
	}
}

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

func TestMeantLanguage(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"en": "en_US", "en-US": "en_US", "en_us": "en_US", "EN_US": "en_US", "enUS": "en_US", "en_USA": "en_US", "en_EN": "en_US", "us": "en_US", "en_SU": "en_US",
		"zh": "zh_Hans", "zh_CN": "zh_Hans", "zh-cn": "zh_Hans", "zh_SG": "zh_Hans", "zh-Hans": "zh_Hans", "zh_hans": "zh_Hans", "zh_Han": "zh_Hans",
		"zh_Hasn": "zh_Hans", "zn_Hans": "zh_Hans", "zh_Hans_CN": "zh_Hans", "cn": "zh_Hans",
		"ja": "ja_JP", "jp": "ja_JP", "ja_Jp": "ja_JP", "ja-JP": "ja_JP", "jp_JP": "ja_JP", "ja_JA": "ja_JP", "jaJP": "ja_JP", "ja_JPN": "ja_JP",
		"pt": "pt_BR", "pt_br": "pt_BR", "pt-BR": "pt_BR", "br": "pt_BR", "pt_BRA": "pt_BR", "ptBR": "pt_BR",

		"ko_KR": "", "zh_Hant": "", "zh_TW": "", "zh_HK": "", "pt_PT": "", "en_GB": "", "en_UK": "", "en_AU": "", "en_CA": "", "en_IN": "",
		"es_US": "", "es_ES": "", "fr": "", "fr_FR": "", "de_DE": "", "ru_RU": "", "uk_UA": "", "vi_VN": "", "id_ID": "", "it_IT": "", "pl_PL": "",
		"": "", "label": "", "text": "", "x": "",
	} {
		if got := meantLanguage(s); got != want {
			t.Errorf("meantLanguage(%q) = %q, want %q", s, got, want)
		}
	}
}

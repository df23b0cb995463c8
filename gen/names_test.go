package gen

import (
	"slices"
	"strings"
	"testing"
)

func TestExported(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"api_key": "APIKey", "client_id": "ClientID", "base_url": "BaseURL", "openai_api_base": "OpenAIAPIBase",
		"x-rapidapi-key": "XRapidAPIKey", "accessToken": "AccessToken", "APPID": "AppID", "APISecret": "APISecret",
		"API_KEY": "APIKey", "MODEL_NAME": "ModelName", "HTTPServerURL": "HTTPServerURL", "userId": "UserID",
		"db_uri": "DBURI", "redis_db": "RedisDB", "tts_api_format": "TTSAPIFormat", "openai": "OpenAI", "OpenAI": "OpenAI",
		"openaikey": "Openaikey", "user_ids": "UserIDs", "userIDs": "UserIDs", "urls": "URLs", "oauth2_token": "OAuth2Token",
		"oauths": "Oauths", "gpt-4o": "GPT4o", "utf8": "UTF8", "ipv6": "IPv6", "video": "Video", "is_us": "IsUs", "css": "CSS",
		"type": "Type", "x.y": "XY", "été": "Été", "2fa": "Field2fa", "123": "Field123", "密钥": "Field密钥",
		"": "Field7", "_": "Field7", "🙂": "Field7", "a\u200bb": "AB", "ß": "Fieldß", "v1.2": "V12", "http2": "HTTP2",
	} {
		if got := exported(in, "Field7"); got != want {
			t.Errorf("exported(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestSpellings checks that each word is in the table once and can start an exported name.
func TestSpellings(t *testing.T) {
	t.Parallel()
	words := slices.Concat(strings.Fields(initialisms), strings.Fields(properNames))
	if len(words) != len(spellings) {
		t.Errorf("%d words, but %d spellings", len(words), len(spellings))
	}
	for _, word := range words {
		if !exportedIdentifier(word) || word == capitalized(strings.ToLower(word)) {
			t.Errorf("%s needs no row, or is not a name", word)
		}
	}
}

func TestFileNames(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"github": "github.go", "GitHub": "github.go", "foo_test": "foo_test_provider.go", "foo_windows": "foo_windows_provider.go",
		"foo_linux_arm64": "foo_linux_arm64_provider.go", "windows": "windows.go", "test": "test.go", "_x": "x.go", ".x": "x.go",
		"": "provider.go", "日本": "provider.go", "a b/c": "a_b_c.go", "dify-gmail": "dify-gmail.go", "-x": "x.go", "-_-": "provider.go", "CON": "con_provider.go", "lpt9": "lpt9_provider.go",
	} {
		if got := stubName(fileBase(in, "provider"), "_provider"); got != want {
			t.Errorf("stub of %q is %q, want %q", in, got, want)
		}
	}
}

// TestLongFileNames checks that long names give names of files that are short and distinct.
func TestLongFileNames(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for _, end := range []string{"", "b", "c", "_tool", "_windows", "日"} {
		base := fileBase(strings.Repeat("a", 250)+end, "provider")
		if len(base) != maxBase || seen[base] || stubName(base, "_provider") != base+".go" {
			t.Errorf("%s: %s has %d bytes, or is another name", end, base, len(base))
		}
		seen[base] = true
	}
	if name := strings.Repeat("a", maxBase); fileBase(name, "provider") != name {
		t.Error("a name that is not too long is cut")
	}
}

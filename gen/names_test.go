package gen

import (
	"strings"
	"testing"
)

func TestExported(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"api_key": "APIKey", "client_id": "ClientID", "base_url": "BaseURL", "openai_api_base": "OpenaiAPIBase",
		"x-rapidapi-key": "XRapidapiKey", "accessToken": "AccessToken", "APPID": "APPID", "APISecret": "APISecret",
		"API_KEY": "APIKey", "MODEL_NAME": "ModelName", "HTTPServerURL": "HTTPServerURL", "userId": "UserID",
		"type": "Type", "x.y": "XY", "été": "Été", "2fa": "Field2fa", "123": "Field123", "密钥": "Field密钥",
		"": "Field7", "_": "Field7", "🙂": "Field7", "a\u200bb": "AB", "ß": "Fieldß", "v1.2": "V12", "http2": "Http2",
	} {
		if got := exported(in, "Field7"); got != want {
			t.Errorf("exported(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestScope(t *testing.T) {
	t.Parallel()
	s := newScope()
	var got []string
	for _, name := range []string{"A", "A", "A2", "A", "B"} {
		name, clash := s.claim(name, "owner of "+name)
		got = append(got, name+"/"+clash)
	}
	if want := "A/ A2/owner of A A22/owner of A A3/owner of A B/"; strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
}

// TestScopeIsLinear claims one name so often that a search for a free number
// from the start would take minutes.
func TestScopeIsLinear(t *testing.T) {
	t.Parallel()
	s := newScope()
	last := ""
	for range 200_000 {
		last, _ = s.claim("A", "")
	}
	if last != "A200000" {
		t.Errorf("got %s", last)
	}
}

func TestFileNames(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"github": "github.go", "GitHub": "github.go", "foo_test": "foo_test_provider.go", "foo_windows": "foo_windows_provider.go",
		"foo_linux_arm64": "foo_linux_arm64_provider.go", "windows": "windows.go", "test": "test.go", "_x": "x.go", ".x": "x.go",
		"": "provider.go", "日本": "provider.go", "a b/c": "a_b_c.go", "dify-gmail": "dify-gmail.go",
	} {
		if got := stubName(fileBase(in)); got != want {
			t.Errorf("stub of %q is %q, want %q", in, got, want)
		}
	}
}

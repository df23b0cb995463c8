package openai

import "testing"

func TestParseBase(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ typed, want string }{
		{"https://api.example.com", "https://api.example.com/v1/models"},
		{"https://api.example.com/", "https://api.example.com/v1/models"},
		{"https://api.example.com/v1", "https://api.example.com/v1/models"},
		{" https://api.example.com/v1// ", "https://api.example.com/v1/models"},
		{"HTTP://localhost:11434", "http://localhost:11434/v1/models"},
		{"https://[::1]:8000/v1", "https://[::1]:8000/v1/models"},
		{"https://api.example.com/openai/v1", "https://api.example.com/openai/v1/models"},
		{"https://api.example.com/openai", "https://api.example.com/openai/models"},
		{"https://api.example.com/v1beta/openai/", "https://api.example.com/v1beta/openai/models"},
		{"https://api.example.com/api/paas/v4", "https://api.example.com/api/paas/v4/models"},
		{"https://api.example.com/openai/v1/chat/completions", "https://api.example.com/openai/v1/models"},
		{"https://api.example.com/openai/v1/chat/completions/", "https://api.example.com/openai/v1/models"},
		{"https://api.example.com/v1/completions", "https://api.example.com/v1/models"},
		{"https://api.example.com/v1/embeddings", "https://api.example.com/v1/models"},
		{"https://api.example.com/v1/audio/speech", "https://api.example.com/v1/models"},
		{"https://api.example.com/v2/rerank", "https://api.example.com/v2/models"},
		{"https://api.example.com/chat/completions", "https://api.example.com/models"},
		{"https://api.example.com/models", "https://api.example.com/models"},
		{"https://api.example.com/my-models", "https://api.example.com/my-models/models"},
		{"https://api.example.com/v1?api-version=1#top", "https://api.example.com/v1/models?api-version=1"},
		{"https://api.example.com?api-version=1", "https://api.example.com/v1/models?api-version=1"},
		{"https://api.example.com/a%2Fb/v1", "https://api.example.com/a%2Fb/v1/models"},
		{"https://api.example.com/a%2Fb/v1/chat/completions/", "https://api.example.com/a%2Fb/v1/models"},
		{"https://api.example.com/v1/gpt%204%2F", "https://api.example.com/v1/gpt%204%2F/models"},
		{"https://api.example.com/v1/a b", "https://api.example.com/v1/a%20b/models"},
		{"https://api.example.com/v1/é", "https://api.example.com/v1/%C3%A9/models"},
		{"https://api.example.com/v1%2Fmodels", "https://api.example.com/v1%2Fmodels/models"},
		{"", ""},
		{"api.example.com/v1", ""},
		{"localhost:8000", ""},
		{"ftp://api.example.com", ""},
		{"https://", ""},
		{"https://user:password@api.example.com", ""},
		{"https://api.example.com:port", ""},
		{"https://api.example.com/%zz", ""},
	} {
		base, err := parseBase(test.typed)
		switch {
		case test.want == "" && err != errBaseURL: //nolint:errorlint // it quotes nothing
			t.Errorf("%q: %v, %v", test.typed, base, err)
		case test.want != "" && (err != nil || (&client{base: base}).url(pathModels) != test.want):
			t.Errorf("%q: %v, %v, want %s", test.typed, base, err, test.want)
		}
	}
}

package model

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLooksSecret checks names of text-inputs that hold secrets, as authors spell them.
func TestLooksSecret(t *testing.T) {
	t.Parallel()
	secret := strings.Fields(`
		token Token access_token accessToken accesstoken ACCESS_TOKEN access-token refresh_token auth_token authToken bearer_token
		bot_token bottoken apiToken api-token github_pat personal_access_token session_token sas_token verification_token jwt
		api_key apiKey apikey APIKey API_KEY api-key ApiKey x-api-key openai_api_key api_key_2 apikey2 api_keys
		password Password passwd pwd db_password dbPassword smtp.password userpassword passphrase
		secret client_secret clientSecret clientsecret CLIENT_SECRET client-secret app_secret appSecret appsecret webhook_secret
		signing_secret api_secret secret_key secretKey secretkey secret_access_key aws_secret_access_key
		private_key privateKey signing_key encryption_key encoding_aes_key access_key account_key subscription_key license_key
		credentials connection_string service_account_json cookie access_tokens`)
	if len(secret) < 50 {
		t.Fatalf("%d names", len(secret))
	}
	beside := secretsNamed("other_secret", "password", "client_id", "api_token", "webhook_secret")
	for _, name := range secret {
		if !looksSecret(name, Text{}, beside) {
			t.Errorf("%s is not found", name)
		}
	}
	for _, name := range strings.Fields(`
		public_key publicKey key_id api_key_id token_url tokenUrl token_limit token_count token_type max_tokens maxTokens tokens
		total_tokens secret_name secret_id password_hint passwordPolicy private_key_path token_endpoint publishable_key
		anon_key primary_key sort_key object_key project_key key keyboard tokenizer client_id app_id username token_address
		credential_type secret_arn api_key_header use_token public_token has_password design_token_count compass`) {
		if looksSecret(name, Text{English: "Label"}, secretNames{}) {
			t.Errorf("%s looks like a secret", name)
		}
	}
	for name, label := range map[string]string{"key": "API Key", "auth": "Bearer token", "Authorization": "Access token"} {
		if !looksSecret(name, Text{English: label}, secretNames{}) {
			t.Errorf("%s, labeled %s, is not found", name, label)
		}
	}
}

// TestPairs checks which names are the public and the secret half of a pair.
func TestPairs(t *testing.T) {
	t.Parallel()
	for pair, want := range map[[2]string]bool{
		{"app_key", "app_secret"}: true, {"appKey", "appSecret"}: true, {"appkey", "appsecret"}: true, {"app_key", "app_secret_key"}: true,
		{"access_key", "secret_key"}: true, {"accessKey", "secretKey"}: true, {"ACCESS_KEY", "SECRET_KEY"}: true, {"accesskey", "secretkey"}: true,
		{"access_key", "secret_access_key"}: true, {"access_key", "access_key_secret"}: true, {"access-key", "access-secret"}: true,
		{"aws_access_key", "aws_secret_key"}: true, {"aws_access_key", "aws_secret_access_key"}: true,
		{"api_key", "api_secret"}: true, {"apiKey", "apiSecret"}: true, {"APIKey", "APISecret"}: true, {"api_key", "api_key_secret"}: true,
		{"api_key", "api_secret_key"}: true, {"api_key", "secret_key"}: true, {"api_key", "secret"}: true, {"baidu_api_key", "baidu_secret_key"}: true,
		{"consumer_key", "consumer_secret"}: true, {"client_key", "client_secret"}: true, {"appkey", "sign"}: true,
		{"access_token", "access_token_secret"}: true, {"key", "secret"}: true,

		{"token", "secret_token"}: false, {"app_secret", "app_key"}: false, {"secret_key", "access_key"}: false, {"secret_key", "secret"}: false,
		{"api_key", "client_secret"}: false, {"api_key", "api_token"}: false, {"api_key", "webhook_secret"}: false, {"api_key", "other_api_key"}: false,
		{"openai_api_key", "azure_secret"}: false, {"token", "secret"}: false, {"password", "secret"}: false, {"access_token", "client_secret"}: false,
		{"encryption_key", "secret"}: false, {"private_key", "secret"}: false, {"token", "encoding_aes_key"}: false,
	} {
		secrets := secretsNamed(pair[1])
		if got := secrets.havePair(pair[0]); got != want {
			t.Errorf("%s beside %s is the public half of a pair: %t, want %t", pair[0], pair[1], got, want)
		}
	}
}

// TestSecretParameters checks that a secret among a tool's parameters is reported only if a
// user sets it: what a language model sets is not stored.
func TestSecretParameters(t *testing.T) {
	t.Parallel()
	parameter := func(name, typ, form string) string {
		return "- {name: " + name + ", type: " + typ + ", form: " + form + ", label: {en_US: L}, human_description: {en_US: H}}\n"
	}
	_, findings := LoadItem("t.yaml", []byte("identity: {author: a, name: t, label: {en_US: T}}\ndescription: {human: {en_US: H}, llm: x}\nparameters:\n"+
		parameter("api_token", "string", "form")+parameter("password", "string", "llm")+parameter("password2", "secret-input", "form")+
		parameter("app_key", "string", "form")+parameter("app_secret", "secret-input", "form")), KindTool)
	want := []string{"t.yaml:4:21: warning: parameter api_token looks like a secret, but Dify stores and shows it in plain text (did you mean secret-input?) [plain-secret]"}
	var got []string
	for _, d := range findings.Settle() {
		got = append(got, d.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

// secretsNamed returns the secrets of a section with secret fields of the given names.
func secretsNamed(names ...string) secretNames {
	var s Section
	for _, name := range names {
		s.Fields = append(s.Fields, Field{Name: name, Type: TypeSecretInput})
	}
	return s.secrets()
}

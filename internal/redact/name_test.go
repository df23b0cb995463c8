package redact_test

import (
	"testing"

	"github.com/difygen/difygen/internal/redact"
)

func TestLooksSecret(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"api_key": true, "apiKey": true, "X-API-Key": true, "APIKEY": true, "my secret value": true, "db.password": true,
		"access_token": true, "connection_string": true, "bottoken": true, "userPwd": true, "api_key2": true,
		"service_account_json": true, "api_tokens": true, "encoding_aes_key": true,
		"token_type": false, "api_key_id": false, "max_token": false, "use_token": false, "key": false, "tokenizer": false,
		"connection": false, "": false, "id": false, "2": false, "max_tokens": false, "public_key": false, "publishable_key": false,
		"primary_key": false, "service_account_email": false, "token_address": false, "parent_node_token": false, "file_token_secret": true, "password_hint": false,
	} {
		if got := redact.LooksSecret(name); got != want {
			t.Errorf("LooksSecret(%q) = %t, want %t", name, got, want)
		}
	}
}

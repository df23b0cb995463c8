package plaintext

import (
	"maps"

	"github.com/difygen/difygen/internal/analyzers/testdata/src/forge"
	"github.com/difygen/difygen/internal/analyzers/testdata/src/hook"
	"github.com/difygen/difygen/internal/analyzers/testdata/src/service"
	"github.com/difygen/difygen/runtime"
)

func subscribe(endpoint, code string, creds hook.Credentials) hook.Subscription {
	return hook.Subscription{
		Endpoint: endpoint,
		Extra: map[string]any{
			"team":          "t",                   // want `the YAML does not declare "team", so Dify stores it in plain text; declare it in subscription_schema`
			"copy":          creds.APIKey.Reveal(), // want `a secret, from Secret.Reveal, gets into Extra, which Dify stores in plain text; declare "copy" as secret-input`
			"session_token": code,                  // want `Dify stores Extra in plain text; declare "session_token" as secret-input`
			"hook_id":       "1",                   // want `"hook_id" in Extra is lost, since the YAML declares it; set Properties.HookID`
		},
	}
}

func extend(sub hook.Subscription, creds hook.Credentials) hook.Subscription {
	sub.Extra["key"] = "Bearer " + creds.APIKey.Reveal() // want `a secret, from Secret.Reveal, gets into Extra`
	extra := map[string]any{}
	extra["signing_secret"] = "x" // want `"signing_secret" in Extra is lost, since the YAML declares it; set Properties.SigningSecret`
	sub.Extra = extra
	return sub
}

func whole(sub hook.Subscription, creds hook.AnyCredentials) hook.Subscription {
	sub.Extra = creds.Values() // want `revealed secrets get into Extra`
	return sub
}

func field(creds service.Credentials) service.OAuthCredentials {
	return service.OAuthCredentials{
		AccessToken: creds.AccessToken,
		Account:     creds.AccessToken.Reveal(), // want `a secret, from Secret.Reveal, gets into Account of OAuthCredentials, which Dify stores in plain text`
	}
}

func computed(sub *hook.Subscription, key string, list []string) {
	sub.Extra[key] = list // want `the YAML does not declare what is in Extra, so Dify stores it in plain text`
	sub.Extra = map[string]any{
		"next_page":  1,        // want `the YAML does not declare "next_page"`
		"token_type": "bearer", // want `the YAML does not declare "token_type"`
	}
}

func others(sub *forge.Subscription, old forge.Subscription, values map[string]any) []forge.Subscription {
	maps.Copy(sub.Extra, values)                        // want `the YAML does not declare what is in Extra, so Dify stores it in plain text; declare it in subscription_schema`
	defer maps.Copy(sub.Extra, old.Properties.Values()) // want `the YAML does not declare what is in Extra`
	return []forge.Subscription{
		{Extra: values}, // want `the YAML does not declare what is in Extra`
		{Extra: map[string]any{"hook": values["hook"]}},                       // want `the YAML does not declare "hook", so Dify stores it in plain text`
		{old.Endpoint, old.Parameters, old.Properties, values, old.ExpiresAt}, // want `the YAML does not declare what is in Extra`
	}
}

// What follows is right.

func kept(sub *forge.Subscription, old forge.Subscription) forge.Subscription {
	sub.Extra = maps.Clone(old.Extra)
	maps.Copy(sub.Extra, old.Extra)
	clear(sub.Extra)
	sub.Extra = nil
	id, _ := old.Extra["hook"].(string)
	return forge.Subscription{Endpoint: id, Extra: runtime.Undeclared(old.Extra, "hook")}
}

func right(sub, old hook.Subscription, creds service.Credentials) hook.Subscription {
	sub.Extra = old.Extra
	if sub.Extra == nil {
		sub.Extra = map[string]any{}
	}
	delete(sub.Extra, "team")
	sub.Properties.SigningSecret = runtime.NewSecret(creds.AccessToken.Reveal())
	sub.Properties.HookID = creds.ServerURL
	return sub
}

func inside(creds service.Credentials) string {
	creds.ServerURL += "?token=" + creds.AccessToken.Reveal() // stays in the plugin
	return creds.ServerURL
}

func named(sub hook.Subscription) hook.Subscription {
	return sub
}

type message struct{ Extra map[string]any }

func other(creds service.Credentials) message {
	return message{Extra: map[string]any{"token": creds.AccessToken.Reveal()}}
}

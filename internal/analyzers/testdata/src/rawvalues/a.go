package rawvalues

import (
	"encoding/json"
	"net/http"

	"github.com/difygen/difygen/internal/analyzers/testdata/src/chat"
	"github.com/difygen/difygen/internal/analyzers/testdata/src/gate"
	"github.com/difygen/difygen/internal/analyzers/testdata/src/hook"
	"github.com/difygen/difygen/internal/analyzers/testdata/src/service"
	"github.com/difygen/difygen/runtime"
)

type result = runtime.OAuthResult[service.OAuthCredentials]

type any2 interface {
	service.Credentials | service.OAuthCredentials
}

func direct(creds service.Credentials) (string, string, string) {
	token := creds.Values()["access_token"].(string) // want `read the field AccessToken of Credentials, not the key "access_token" of Values`
	url := creds.Values()["server_url"].(string)     // want `read the field ServerURL of Credentials`
	where := creds.Values()["deployment"].(string)   // want `read the field Deployment of Credentials`
	return token, url, where
}

func misspelled(creds service.OAuthCredentials) any {
	return creds.Values()["acces_token"] // want `Values of OAuthCredentials has no key "acces_token", so this is always nil`
}

func variable(creds service.Credentials) (string, bool) {
	values := creds.Values()
	token, ok := values["access_token"].(string) // want `read the field AccessToken of Credentials`
	if v, found := values["server_url"]; found { // want `read the field ServerURL of Credentials`
		return v.(string), true
	}
	return token, ok
}

func helped(creds service.OAuthCredentials) string { return token(creds.Values()) }

func token(values map[string]any) string {
	t, _ := values["refresh_token"].(string) // want `read the field RefreshToken of OAuthCredentials`
	return t
}

func anyOf(creds hook.AnyCredentials) any {
	return creds.Values()["api_key"] // want `read the field APIKey of Credentials`
}

func wire(sub hook.Subscription, call runtime.ToolCall) (any, any) {
	id := sub.Wire().Properties.Reveal()["hook_id"] // want `read the field HookID of SubscriptionProperties from what its Decode function returns`
	return id, call.Credentials["access_token"]     // want `read the field AccessToken of Credentials or OAuthCredentials from what its Decode`
}

func parameters(call *chat.LLMCall) (any, any, bool) {
	level := call.Parameters.Extra.Text("level")              // want `read the field Level of LLMParameters: Extra has only what no field has, so Text\("level"\) is never set`
	temperature := call.Parameters.Extra.Float("temperature") // want `read the field Temperature of LLMParameters`
	p := call.Parameters
	topK := p.Extra.Int("top_k") // want `read the field TopK of LLMParameters`
	if topK.IsSet() {
		return call.Parameters.Values()["temperature"], nil, false // want `read the field Temperature of LLMParameters, not the key "temperature" of Values`
	}
	key := call.Credentials.Values()["api_key"] // want `read the field APIKey of Credentials, not the key "api_key" of Values`
	return key, level, temperature.IsSet()
}

// What follows is right.

func rightParameters(call *chat.LLMCall) []any {
	own := call.Parameters.Extra
	return []any{
		own.Float("top_p"), own.Float("top_k"), own.Text("temperature"), own.Values()["temperature"],
		call.Parameters.Values(), call.Parameters.Values()["top_p"],
	}
}

func right(creds service.Credentials, key string, data []byte) (any, error) {
	body := creds.Values()
	body["grant_type"] = "client_credentials"
	for k := range body {
		delete(body, k)
	}
	for _, v := range creds.Values() {
		nested, _ := v.(map[string]any)
		key, _ = nested["access_token"].(string)
	}
	var response map[string]any
	if err := json.Unmarshal(data, &response); err != nil {
		return nil, err
	}
	return []any{creds.Values()[key], response["access_token"]}, nil
}

func mixed(creds service.Credentials, data map[string]any) any {
	values := creds.Values()
	if len(data) > 0 {
		values = data
	}
	return values["access_token"]
}

type own struct{}

func (own) Values() map[string]any { return nil }

func others() any { return own{}.Values()["access_token"] }

type door struct{}

func (door) Item(w http.ResponseWriter, r *http.Request, call *gate.ItemCall) error {
	id := r.PathValue("id")     // want `read the field ID of ItemPath, not the value "id" of the request`
	kind := r.PathValue("kind") // want `read the field Kind of ItemPath, not the value "kind" of the request`
	func() {
		_ = r.PathValue("knd") // want `the path has no value "knd", so this is always empty`
	}()
	_, err := w.Write([]byte(id + kind + call.Path.Kind))
	return err
}

func (door) File(_ http.ResponseWriter, r *http.Request, call *gate.FileCall) {
	_ = r.PathValue("file_name") // want `read the field FileName of FilePath`
	_ = r.PathValue(call.Path.FileName)
}

func plain(r *http.Request) string { return r.PathValue("id") }

package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
)

// TestSupplied checks that the sender of an HTTP request neither costs much nor hides the plugin's
// own secrets.
func TestSupplied(t *testing.T) {
	t.Parallel()
	s := new(secrets)
	s.add("configured-secret")
	values := []string{"secret", "configured", strings.Repeat("x", suppliedLimit.bytes+1), "[redacted]", "error"}
	for i := range 10 * suppliedLimit.count {
		values = append(values, fmt.Sprintf("supplied-%d", i))
	}
	s.supply(values...)
	large := new(secrets)
	large.supply(strings.Repeat("a", suppliedLimit.bytes/2), strings.Repeat("b", suppliedLimit.bytes/2), "more")
	if n := len(large.supplied.list); n != 2 {
		t.Errorf("%d large secrets are kept, want 2", n)
	}
	if n := len(s.supplied.list); n != suppliedLimit.count {
		t.Errorf("%d supplied secrets are kept, want %d", n, suppliedLimit.count)
	}
	for in, want := range map[string]string{
		"configured-secret":            "[redacted]",
		"configured-secrets, an error": "[redacted]s, an [redacted]",
		"my supplied-0 and errors":     "my [redacted] and errors",
	} {
		if got := s.redact(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	s.add("found-later")
	if got := s.redact("found-later and configured-secret"); got != "[redacted] and [redacted]" {
		t.Errorf("got %q", got)
	}
}

// TestTooManySecrets checks that messages of a request with more secrets than can be redacted are
// withheld, and that those of others are not.
func TestTooManySecrets(t *testing.T) {
	t.Parallel()
	for name, password := range map[string]any{
		"large": strings.Repeat("a<", 4<<20),
		"many":  slices.Repeat([]any{"000000", "000001"}, 1000),
	} {
		if list, ok := password.([]any); ok {
			for i := range list {
				list[i] = fmt.Sprintf("%06d", i)
			}
		}
		s := newTestServer(t, plugin(func(context.Context, *runtime.Request) (any, error) { return nil, errors.New("not 000001 or a<a<") }))
		in := line("s", map[string]any{"tool_parameters": map[string]any{"password": password}})
		if got := strings.Join(answer(t, s, in), " + "); got != "TestError: "+withheld {
			t.Errorf("%s: got %s", name, got)
		}
		if got := strings.Join(answer(t, s, line("s", nil)), " + "); got != "TestError: not 000001 or a<a<" {
			t.Errorf("%s: another request gets %s", name, got)
		}
	}
}

// TestSuppliedElsewhere checks that who sends an HTTP request cannot change what others log.
func TestSuppliedElsewhere(t *testing.T) {
	t.Parallel()
	ss := newSession("s", newConnection(Transport{}, io.Discard))
	ss.secrets.add("configured-elsewhere")
	ss.secrets.supply("database-elsewhere")
	running.Store(ss, nil)
	defer running.Delete(ss)
	if got, want := redactionOfAll()("database-elsewhere, configured-elsewhere"), "database-elsewhere, [redacted]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestSecretsInCommon checks that many requests with the same large secret are no more than one.
func TestSecretsInCommon(t *testing.T) { //nolint:paralleltest // the limit is for all requests of the process
	common := strings.Repeat("a key in common ", 1<<9)
	for range 2*runningLimit.bytes/len(common) + 1 {
		ss := newSession("s", newConnection(Transport{}, io.Discard))
		ss.secrets.add(common)
		running.Store(ss, nil)
		defer running.Delete(ss)
	}
	if got := redactionOfAll()("said " + common); got != "said [redacted] " && got != "said [redacted]" {
		t.Errorf("got %.100s", got)
	}
}

// TestPartsOfSecrets checks that what messages quote of a long secret is a secret, too.
func TestPartsOfSecrets(t *testing.T) {
	t.Parallel()
	const pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nshort\n-----END PRIVATE KEY-----\n"
	for _, test := range []struct{ secret, text, want string }{
		{pem, "line 1: MIIEvQIBADANBgkqhkiG9w0B, -----BEGIN PRIVATE KEY-----", "line 1: [redacted], -----BEGIN PRIVATE KEY-----"},
		{pem, "all: " + pem, "all: [redacted]\n"},
		{
			`{"type":"service_account","private_key":"` + strings.ReplaceAll(pem, "\n", "\\n") + `"}`,
			"cannot parse " + pem + " of service_account", "cannot parse [redacted]\n of service_account",
		},
	} {
		s := new(secrets)
		s.add(names{"key": true}.secretsOf(map[string]any{"credentials": map[string]any{"key": test.secret}})...)
		if got := s.redact(test.text); got != test.want {
			t.Errorf("%q: got %q, want %q", test.text, got, test.want)
		}
	}
}

// TestResultSecrets checks which results hold secrets that the request does not.
func TestResultSecrets(t *testing.T) {
	t.Parallel()
	n := names{"key": true, "hook": true}
	for name, test := range map[string]struct {
		result any
		want   []string
	}{
		"a grant": {runtime.OAuthGrant{Credentials: runtime.NewValues(map[string]any{"key": "fresh"})}.Reveal(), []string{"fresh"}},
		"a subscription": {map[string]any{"subscription": runtime.Subscription{
			Properties: runtime.NewValues(map[string]any{"hook": "h"}),
		}.Reveal()}, []string{"h"}},
		"a check":    {map[string]any{"result": true, "credentials": map[string]any{"key": "same"}}, []string{"same"}},
		"other ones": {map[string]any{"options": []any{map[string]any{"key": "k"}}}, nil},
		"no object":  {[]any{"x"}, nil},
	} {
		if diff := cmp.Diff(test.want, n.resultSecrets(test.result)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestToolSecrets checks that neither an error nor the log shows what a user has entered for an agent's tools.
func TestToolSecrets(t *testing.T) {
	t.Parallel()
	line := []byte(`{"session_id":"s","event":"request","data":{"type":"agent_strategy","action":"invoke_agent_strategy","agent_strategy_provider":"p","agent_strategy":"s",
		"agent_strategy_params":{"tools":[` + toolWith(`"hook":"`+secret+`"`) + `]}}}`)
	for name, fail := range map[string]func(any) error{
		"an error": func(tools any) error { return fmt.Errorf("the tools are %v", tools) },
		"a panic":  func(tools any) error { panic(fmt.Sprint(tools)) },
	} {
		var log bytes.Buffer
		strategies := runtime.NewAgentStrategies(runtime.AgentStrategiesConfig{
			Name: "p", Fields: &runtime.Fields{Public: []string{"tools"}},
			Strategies: []runtime.StrategyBinding{{Name: "s", Invoke: func(_ context.Context, _ *runtime.Request, params map[string]any) error {
				return fail(params["tools"])
			}}},
		})
		s := newTestServer(t, NewPlugin(Declaration{Manifest: "{}"}, []Option{WithLogger(slog.New(slog.NewTextHandler(&log, nil)))}, strategies))
		got := fmt.Sprint(answer(t, s, line), log.String())
		if strings.Contains(got, secret) || !strings.Contains(got, "hook:[redacted]") {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

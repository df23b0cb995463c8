package golden_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/testdata/golden/github"
)

var githubValues = map[string]any{
	"access_token": "github_pat_0123456789", "deployment": "server", "base_url": "https://github.example/api/v3", "unknown": 1.0,
}

// decodeByHand decodes github.Credentials as a careful author would.
func decodeByHand(values map[string]any) (github.Credentials, error) {
	var creds github.Credentials
	text := func(key string) (string, error) {
		switch v := values[key].(type) {
		case nil:
			return "", nil
		case string:
			if v == "[__HIDDEN__]" || v == "[__UNKNOWN__]" || strings.HasPrefix(v, "SFlCUklEO") {
				return "", errors.New(key + " is masked")
			}
			return v, nil
		}
		return "", errors.New(key + " is not text")
	}
	token, err := text("access_token")
	if err != nil {
		return creds, err
	}
	if token == "" {
		return creds, errors.New("access_token is required")
	}
	creds.AccessToken = runtime.NewSecret(token)
	deployment, err := text("deployment")
	if err != nil {
		return creds, err
	}
	switch creds.Deployment = github.Deployment(deployment); creds.Deployment {
	case "":
		creds.Deployment = github.DeploymentCloud
	case github.DeploymentCloud, github.DeploymentServer:
	default:
		return creds, errors.New("deployment is unknown")
	}
	creds.BaseURL, err = text("base_url")
	return creds, err
}

func BenchmarkDecode(b *testing.B) {
	b.Run("generated", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := github.DecodeCredentials(githubValues); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("by-hand", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := decodeByHand(githubValues); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// fewestAllocations returns how often f allocates: the fewest of several counts, since each counts
// what the rest of the process allocates meanwhile, too.
func fewestAllocations(f func()) float64 {
	fewest := testing.AllocsPerRun(100, f)
	for range 9 {
		fewest = min(fewest, testing.AllocsPerRun(100, f))
	}
	return fewest
}

// TestDecodeAllocatesAsByHand checks that the generated decoder returns what one written
// by hand returns, and allocates no more.
func TestDecodeAllocatesAsByHand(t *testing.T) {
	want, err := decodeByHand(githubValues)
	if err != nil {
		t.Fatal(err)
	}
	got, err := github.DecodeCredentials(githubValues)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("decoded (-by hand +generated):\n%s", diff)
	}
	generated := fewestAllocations(func() { _, _ = github.DecodeCredentials(githubValues) })
	byHand := fewestAllocations(func() { _, _ = decodeByHand(githubValues) })
	if generated > byHand {
		t.Errorf("%v allocations, %v by hand", generated, byHand)
	}
}

package main

import (
	"flag"
	"runtime/debug"
	"testing"
)

func TestPublished(t *testing.T) {
	t.Parallel()
	inCheckout := []debug.BuildSetting{{Key: "vcs.revision", Value: "0123"}}
	for name, test := range map[string]struct {
		info debug.BuildInfo
		want string
	}{
		"published":       {debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}, "v1.2.3"},
		"of a commit":     {debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-20260131120000-0123456789ab"}}, "v0.0.0-20260131120000-0123456789ab"},
		"go run":          {debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, ""},
		"no module":       {debug.BuildInfo{}, ""},
		"in a checkout":   {debug.BuildInfo{Main: debug.Module{Version: "v1.2.4-0.20260131120000-0123456789ab+dirty"}, Settings: inCheckout}, ""},
		"replaced module": {debug.BuildInfo{Main: debug.Module{Version: "v0.0.0", Replace: &debug.Module{Path: "../difygen"}}}, ""},
	} {
		if got := published(&test.info); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

func TestWithReplace(t *testing.T) {
	t.Parallel()
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	initFlags(flags)
	operands, err := parse(flags, []string{"-kind", "tool", "tea", "-v", "-C", "my plugins/it's"})
	if err != nil {
		t.Fatal(err)
	}
	const want = `difygen init -replace '/a b' -C 'my plugins/it'\''s' -kind tool -v tea`
	if got := withReplace(flags, operands, "/a b"); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

package serve_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/difygen/difygen/serve"
)

func TestConfig(t *testing.T) {
	t.Parallel()
	const rest, remoteRest = " beat=10s timeout=5m0s most=1000 stop=20s", " beat=10s timeout=5m0s most=1000 stop=2s"
	const daemon = " daemon=http://localhost:5002/backwards-invocation/transaction"
	const wrongSecret = "SERVERLESS_SECRET must have 16 to 1024 characters, which are visible ASCII ones; for no secret, remove it"
	for name, test := range map[string]struct {
		environ []string
		file    string
		options []serve.Option
		want    string // or the error
	}{
		"defaults":     {nil, "", nil, "local  key=" + rest},
		"remote":       {[]string{"INSTALL_METHOD=remote", "REMOTE_INSTALL_KEY=k"}, "", nil, "remote localhost:5003 key=k" + remoteRest},
		"any case":     {[]string{"install_method=Remote", "Remote_Install_Key=k", "REMOTE_INSTALL_HOST=h", "REMOTE_INSTALL_PORT=1"}, "", nil, "remote h:1 key=k" + remoteRest},
		"url first":    {[]string{"INSTALL_METHOD=remote", "REMOTE_INSTALL_KEY=k", "REMOTE_INSTALL_HOST=h", "REMOTE_INSTALL_URL=debug.dify.ai:5004"}, "", nil, "remote debug.dify.ai:5004 key=k" + remoteRest},
		"url, scheme":  {[]string{"INSTALL_METHOD=remote", "REMOTE_INSTALL_KEY=k", "REMOTE_INSTALL_URL=tcp://[::1]"}, "", nil, "remote [::1]:5003 key=k" + remoteRest},
		"file":         {nil, "\xef\xbb\xbf# a comment\nINSTALL_METHOD=serverless\nexport SERVERLESS_PORT='81'\n", nil, "serverless 0.0.0.0:81 key=" + rest + daemon},
		"spellings":    {nil, "max_worker=1\nMAX_WORKER=2\nMax_Worker=3\n", nil, "local  key= beat=10s timeout=5m0s most=2 stop=20s"},
		"before file":  {[]string{"SERVERLESS_PORT=82"}, "INSTALL_METHOD=serverless\nSERVERLESS_PORT=81\n", nil, "serverless 0.0.0.0:82 key=" + rest + daemon},
		"empty counts": {[]string{"INSTALL_METHOD="}, "INSTALL_METHOD=serverless\n", nil, "local  key=" + rest},
		"numbers":      {[]string{"HEARTBEAT_INTERVAL=0.5", "MAX_WORKER=3", "MAX_REQUEST_TIMEOUT=7"}, "", nil, "local  key= beat=500ms timeout=7s most=3 stop=20s"},
		"calls back": {[]string{"INSTALL_METHOD=serverless", "MAX_INVOCATION_TIMEOUT=7", "DIFY_PLUGIN_DAEMON_URL=https://dify.internal:1/daemon/"}, "", nil,
			"serverless 0.0.0.0:8080 key=" + rest + " reply=7s daemon=https://dify.internal:1/daemon/backwards-invocation/transaction"},
		"no calls back over HTTP": {[]string{"DIFY_PLUGIN_DAEMON_URL=x"}, "", nil, "local  key=" + rest},
		"options first": {[]string{"MAX_WORKER=3"}, "", []serve.Option{
			serve.WithMaxRequests(4), serve.WithRequestTimeout(time.Second), serve.WithStopTimeout(0), serve.WithLogger(nil),
		}, "local  key= beat=10s timeout=1s most=4 stop=0s"},
		"rare heartbeats": {[]string{"INSTALL_METHOD=remote", "REMOTE_INSTALL_KEY=k", "HEARTBEAT_INTERVAL=3000"}, "", nil,
			"remote localhost:5003 key=k beat=50s timeout=5m0s most=1000 stop=2s"},

		"secret": {[]string{"INSTALL_METHOD=serverless", "SERVERLESS_SECRET= 0123456789abcde~ "}, "", nil, "serverless 0.0.0.0:8080 key=0123456789abcde~" + rest + daemon},
		"socket": {[]string{"INSTALL_METHOD=serverless", "SERVERLESS_SOCKET=run/plugin.sock", "SERVERLESS_PORT=1"}, "", nil, "serverless run/plugin.sock key=" + rest + daemon},
		"unused": {[]string{"SERVERLESS_SECRET=", "SERVERLESS_SOCKET=@x"}, "", nil, "local  key=" + rest},

		"a secret that is lost":       {[]string{"INSTALL_METHOD=serverless", "SERVERLESS_SECRET="}, "", nil, wrongSecret},
		"a short secret":              {[]string{"INSTALL_METHOD=serverless", "SERVERLESS_SECRET=0123456789abcde"}, "", nil, wrongSecret},
		"a secret that no header has": {[]string{"INSTALL_METHOD=serverless", "SERVERLESS_SECRET=0123456789abcdé\nf"}, "", nil, wrongSecret},
		"a long secret":               {[]string{"INSTALL_METHOD=serverless", "SERVERLESS_SECRET=" + strings.Repeat("x", 1025)}, "", nil, wrongSecret},
		"a long path":                 {[]string{"INSTALL_METHOD=serverless", "SERVERLESS_SOCKET=/" + strings.Repeat("x", 103)}, "", nil, "SERVERLESS_SOCKET must be a path of at most 103 bytes"},
		"an abstract socket":          {[]string{"INSTALL_METHOD=serverless", "SERVERLESS_SOCKET=@x"}, "", nil, "SERVERLESS_SOCKET must be a path, which does not begin with @"},

		"too often":   {[]string{"HEARTBEAT_INTERVAL=1e-10"}, "", nil, "HEARTBEAT_INTERVAL must be a number of seconds from 0.001 to 86400"},
		"local, rare": {[]string{"HEARTBEAT_INTERVAL=300"}, "", nil, "local  key= beat=50s timeout=5m0s most=1000 stop=20s"},
		"method":      {[]string{"INSTALL_METHOD=docker"}, "", nil, "INSTALL_METHOD must be local, remote or serverless, not docker"},
		"all errors": {[]string{"INSTALL_METHOD=remote", "REMOTE_INSTALL_URL=a b", "HEARTBEAT_INTERVAL=x", "MAX_WORKER=0", "MAX_REQUEST_TIMEOUT=NaN"}, "", nil,
			"HEARTBEAT_INTERVAL must be a number of seconds from 0.001 to 86400\n" +
				"MAX_REQUEST_TIMEOUT must be a number of seconds from 0.001 to 86400\n" +
				"MAX_WORKER must be a number from 1 to 1000000\n" +
				"REMOTE_INSTALL_URL must be host:port\n" +
				"REMOTE_INSTALL_KEY is missing: to see the key and the address, click the bug icon on Dify's Plugins page"},
		"port":           {[]string{"INSTALL_METHOD=serverless", "SERVERLESS_PORT=65536"}, "", nil, "SERVERLESS_PORT must be a number from 0 to 65535"},
		"a large file":   {nil, "A=" + strings.Repeat("x", 64<<10), nil, ".env has 65538 bytes, more than 65536"},
		"no dotenv":      {nil, "REMOTE_INSTALL_KEY secret\n", nil, ".env: invalid syntax: each line must be NAME=value"},
		"no daemon":      {[]string{"INSTALL_METHOD=serverless", "DIFY_PLUGIN_DAEMON_URL=localhost:5002"}, "", nil, "DIFY_PLUGIN_DAEMON_URL must be a URL such as http://localhost:5002"},
		"a query":        {[]string{"INSTALL_METHOD=serverless", "DIFY_PLUGIN_DAEMON_URL=http://h/?key=secret"}, "", nil, "DIFY_PLUGIN_DAEMON_URL must be a URL such as http://localhost:5002"},
		"an empty query": {[]string{"INSTALL_METHOD=serverless", "DIFY_PLUGIN_DAEMON_URL=http://h?"}, "", nil, "DIFY_PLUGIN_DAEMON_URL must be a URL such as http://localhost:5002"},
		"a fragment":     {[]string{"INSTALL_METHOD=serverless", "DIFY_PLUGIN_DAEMON_URL=http://h/#secret"}, "", nil, "DIFY_PLUGIN_DAEMON_URL must be a URL such as http://localhost:5002"},
		"an empty one":   {[]string{"INSTALL_METHOD=serverless", "DIFY_PLUGIN_DAEMON_URL=http://h#"}, "", nil, "DIFY_PLUGIN_DAEMON_URL must be a URL such as http://localhost:5002"},
		"no host":        {[]string{"INSTALL_METHOD=serverless", "DIFY_PLUGIN_DAEMON_URL=http://:5002"}, "", nil, "DIFY_PLUGIN_DAEMON_URL must be a URL such as http://localhost:5002"},
		"a password":     {[]string{"INSTALL_METHOD=serverless", "DIFY_PLUGIN_DAEMON_URL=http://u:secret@h"}, "", nil, "DIFY_PLUGIN_DAEMON_URL must not have a user name or password: Dify's plugin daemon knows none"},
		"no patience":    {[]string{"MAX_INVOCATION_TIMEOUT=0"}, "", nil, "MAX_INVOCATION_TIMEOUT must be a number of seconds from 0.001 to 86400"},
		"a wrong option": {nil, "", []serve.Option{serve.WithMaxRequests(0)}, "serve.WithMaxRequests was called with a value that is too small"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := make(fstest.MapFS)
			if test.file != "" {
				fsys[".env"] = &fstest.MapFile{Data: []byte(test.file)}
			}
			got, err := serve.ConfigText(test.environ, fsys, test.options...)
			if err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// FuzzEnvFile checks that no .env makes the plugin panic, and that errors do not quote it.
func FuzzEnvFile(f *testing.F) {
	for _, seed := range []string{
		"", "A=b", "export A = 'b' # c\nB=\"x\\n${A}\"\r\nC: d", "\xef\xbb\xbfA=b", "A", "=", "A='", "A=\"\\", "A=${", "A=$(b)", "#\n\n", "A=\x00", "\xff=\xfe",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := serve.ReadEnvFile(fstest.MapFS{".env": {Data: data}})
		if err != nil && len(data) <= 64<<10 && err.Error() != ".env: invalid syntax: each line must be NAME=value" {
			t.Errorf("got %v", err)
		}
	})
}

package serve

import "slices"

// usage is what a plugin prints that was started with arguments.
const usage = `This program is a Dify plugin. It has no arguments and waits for a host, which the
environment, or the file .env in the working directory, selects:

	INSTALL_METHOD          local (default: standard input and output), remote or serverless
	REMOTE_INSTALL_URL      host:port of the debugging server; or set
	REMOTE_INSTALL_HOST     and REMOTE_INSTALL_PORT
	REMOTE_INSTALL_KEY      the debugging key, which Dify's Plugins page shows
	SERVERLESS_HOST         0.0.0.0 by default
	SERVERLESS_PORT         8080 by default
	SERVERLESS_SOCKET       path of a Unix socket, instead of the two
	SERVERLESS_SECRET       what the header Dify-Plugin-Secret of requests must hold
	HEARTBEAT_INTERVAL      seconds between heartbeats, 10 by default
	MAX_WORKER              requests that run at the same time, 1000 by default
	MAX_REQUEST_TIMEOUT     seconds that a request may take, 300 by default
	MAX_INVOCATION_TIMEOUT  seconds that a call back into Dify waits for each reply, 250 by default
	DIFY_PLUGIN_DAEMON_URL  where a serverless plugin calls back into Dify, http://localhost:5002 by default
`

// usageCode returns the exit code of a plugin that was started with arguments.
func usageCode(args []string) int {
	if slices.Contains([]string{"-h", "--h", "-help", "--help"}, args[0]) {
		return 0
	}
	return 2
}

package toolbox

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// Ping is the tool Ping.
//
// Asks whether the service is there.
// | go:generate rm -rf x
// | +build ignore
// | Deprecated: no.
//
// It returns text, for example, like this:
//
//	return out.Text("done")
func (p *Provider) Ping(ctx context.Context, call *PingCall, out *PingOutput) error {
	return runtime.ErrNotImplemented
}

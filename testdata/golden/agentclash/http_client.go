package agentclash

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// HTTPClient2 is the agent strategy http_client.
//
// Strategy for tests.
//
// It answers, for example, like this:
//
//	return out.Text("done")
func (p *Provider) HTTPClient2(ctx context.Context, call *HTTPClient2Call, out *HTTPClient2Output) error {
	return runtime.ErrNotImplemented
}

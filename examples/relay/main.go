// Command relay is a Dify plugin with an endpoint that passes questions on to a service.
package main

import (
	"net/http"
	"os"

	relay "github.com/difygen/difygen/examples/relay/provider"
	"github.com/difygen/difygen/serve"
)

func main() {
	serve.Main(os.DirFS("."), relay.NewEndpoints(func(settings relay.Settings) (http.Handler, error) {
		return relay.New(settings, nil)
	}))
}

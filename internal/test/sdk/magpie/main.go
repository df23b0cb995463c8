// Command magpie is a plugin whose data sources need no service. It is also one in Python, in the same
// folder, so that tests can compare what both answer. Dify uses one provider of each kind; the tests call
// all three.
package main

import (
	magpie "github.com/difygen/difygen/internal/test/sdk/magpie/provider"
	"github.com/difygen/difygen/serve"
)

//go:generate go tool difygen

func main() {
	serve.Main(newPlugin(&magpie.SiteProvider{}, &magpie.WikiProvider{}, &magpie.DriveProvider{}))
}

// Command drive is a Dify plugin that lists and reads the files of S3-compatible storages.
package main

import (
	drive "github.com/difygen/difygen/examples/drive/provider"
	"github.com/difygen/difygen/serve"
)

//go:generate go tool difygen

func main() {
	serve.Main(newPlugin(&drive.Provider{}))
}

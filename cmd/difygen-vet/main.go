// Command difygen-vet finds mistakes in Dify plugins in Go that the compiler cannot see, such as a
// secret that gets into a log. The go command runs it:
//
//	go get -tool github.com/difygen/difygen/cmd/difygen-vet
//	go vet -vettool=$(go tool -n difygen-vet) ./...
//
// "go tool difygen-vet ./..." does the same, and has flags for profiles. Either takes a flag for
// each analyzer: -secretleak checks for that alone, -secretleak=false for all but that. "go tool
// difygen-vet help" lists them, and docs/vet.md describes each.
package main

import (
	"golang.org/x/tools/go/analysis/multichecker"

	"github.com/difygen/difygen/internal/analyzers"
)

func main() {
	list := analyzers.All()
	new(broken).skip(list)
	multichecker.Main(list...)
}

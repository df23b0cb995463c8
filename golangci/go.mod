module github.com/difygen/difygen/golangci

go 1.25.0

require (
	github.com/difygen/difygen v0.0.0
	github.com/golangci/plugin-module-register v0.1.2
	golang.org/x/mod v0.38.0
	golang.org/x/tools v0.48.0
)

replace github.com/difygen/difygen => ..

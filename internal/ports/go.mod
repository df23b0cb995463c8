module github.com/difygen/difygen/internal/ports

go 1.25.0

replace github.com/difygen/difygen => ../..

tool github.com/difygen/difygen/cmd/difygen

require (
	github.com/difygen/difygen v0.0.0
	github.com/google/go-cmp v0.7.0
	golang.org/x/oauth2 v0.36.0
)

require (
	github.com/dave/jennifer v1.7.1 // indirect
	github.com/joho/godotenv v1.5.1 // indirect
	github.com/rogpeppe/go-internal v1.16.0 // indirect
	golang.org/x/mod v0.38.0 // indirect
	golang.org/x/sync v0.22.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
	golang.org/x/tools v0.48.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)

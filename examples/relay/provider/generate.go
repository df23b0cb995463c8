// Package relay lets other systems query a Dify app over HTTP.
package relay

//go:generate go tool difygen

// Package relay lets other systems ask an app of Dify over HTTP.
package relay

//go:generate go tool difygen

// Package gateway connects Dify to models behind a gateway that speaks OpenAI's API.
package gateway

//go:generate go tool difygen

// Package notion connects Dify to Notion as a data source, with an integration
// secret or OAuth.
package notion

//go:generate go tool difygen

// Package github connects Dify to GitHub, with a personal access token or OAuth.
package github

//go:generate go tool difygen

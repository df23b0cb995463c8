// Package gitlab starts workflows of Dify when something happens in a GitLab project.
package gitlab

//go:generate go tool difygen

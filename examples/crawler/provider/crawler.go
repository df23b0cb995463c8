// Package crawler reads the pages of websites.
package crawler

// Provider reads websites. They need no credentials.
type Provider struct{}

// If Provider lacks a method, the compiler reports it here.
var _ Datasources = (*Provider)(nil)

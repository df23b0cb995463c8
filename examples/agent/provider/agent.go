// Package agent lets a model call tools until it can answer.
package agent

// Provider has the strategies. It keeps nothing between calls.
type Provider struct{}

// If Provider lacks a method, the compiler reports it here.
var _ Strategies = (*Provider)(nil)

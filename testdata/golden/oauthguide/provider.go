package oauthguide

// Provider connects Example. This file is yours: difygen wrote it once and will not touch it
// again.
//
// The compiler asks for the methods of OAuthFlow.
type Provider struct{}

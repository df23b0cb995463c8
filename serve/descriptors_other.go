//go:build !unix

package serve

// ownerOnly does nothing: permissions of sockets are those of their folder.
func ownerOnly(uintptr) {}

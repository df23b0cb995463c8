//go:build !unix

package regular

// nonblock has no flags: files of this system do not block.
const nonblock = 0

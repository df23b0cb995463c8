//go:build !unix

package regular

// nonblock is no flag: files of this system do not block.
const nonblock = 0

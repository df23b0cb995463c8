//go:build unix

package regular

import "syscall"

// nonblock is the flag with which opening a FIFO does not wait for its other end.
const nonblock = syscall.O_NONBLOCK

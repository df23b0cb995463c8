package gen

import (
	"fmt"
	"hash/crc32"
	"strings"
	"unicode"
)

// maxBase is the most bytes that fileBase returns. With suffixes, names fit any file system.
const maxBase = 100

// fileBase turns a name into one for a Go file: lower-case ASCII letters, digits, _ and -. It
// returns fallback if nothing is left. A checksum replaces the end of a long name.
func fileBase(name, fallback string) string {
	base := strings.Map(func(c rune) rune {
		c = unicode.ToLower(c)
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			return c
		}
		return '_'
	}, name)
	// The go command ignores files that start with _, and takes those with - for flags.
	if base = strings.TrimLeft(base, "_-"); base == "" {
		return fallback
	}
	if len(base) > maxBase {
		sum := fmt.Sprintf("_%08x", crc32.ChecksumIEEE([]byte(name)))
		base = base[:maxBase-len(sum)] + sum
	}
	return base
}

// generatedName is the name of the file that difygen owns, for a provider's file name.
func generatedName(name string) string { return fileBase(name, "provider") + "_dify.go" }

// stubName is a file name that the go command does not treat as a test or as a file for
// one system, and that is not a device of Windows. The suffix makes one of a base that is.
func stubName(base, suffix string) string {
	if devices[base] {
		return base + suffix + ".go"
	}
	if i := strings.LastIndexByte(base, '_'); i >= 0 {
		if last := base[i+1:]; last == "test" || systems[last] {
			return base + suffix + ".go"
		}
	}
	return base + ".go"
}

// devices are the names that Windows reserves, with any extension. No Go module can have
// such a file.
var devices = map[string]bool{
	"con": true, "prn": true, "aux": true, "nul": true,
	"com1": true, "com2": true, "com3": true, "com4": true, "com5": true, "com6": true, "com7": true, "com8": true, "com9": true,
	"lpt1": true, "lpt2": true, "lpt3": true, "lpt4": true, "lpt5": true, "lpt6": true, "lpt7": true, "lpt8": true, "lpt9": true,
}

// systems are the values of GOOS and GOARCH that the go command knows, past and
// future ones included.
var systems = map[string]bool{
	"aix": true, "android": true, "darwin": true, "dragonfly": true, "freebsd": true,
	"hurd": true, "illumos": true, "ios": true, "js": true, "linux": true, "nacl": true,
	"netbsd": true, "openbsd": true, "plan9": true, "solaris": true, "wasip1": true,
	"windows": true, "zos": true,
	"386": true, "amd64": true, "amd64p32": true, "arm": true, "armbe": true,
	"arm64": true, "arm64be": true, "loong64": true, "mips": true, "mipsle": true,
	"mips64": true, "mips64le": true, "mips64p32": true, "mips64p32le": true,
	"ppc": true, "ppc64": true, "ppc64le": true, "riscv": true, "riscv64": true,
	"s390": true, "s390x": true, "sparc": true, "sparc64": true, "wasm": true,
}

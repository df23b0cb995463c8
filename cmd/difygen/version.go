package main

import (
	"errors"
	"flag"
	"fmt"
	"runtime/debug"
)

func versionFlags(*flag.FlagSet) action {
	return func(operands []string, std streams) int {
		if len(operands) > 0 {
			return std.fail(errors.New("version takes no arguments"))
		}
		version := "(devel)"
		if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
			version = info.Main.Version
		}
		fmt.Fprintln(std.stdout, "difygen", version)
		return exitDone
	}
}

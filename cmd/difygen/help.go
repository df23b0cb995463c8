package main

import (
	"errors"
	"flag"
	"fmt"
)

func helpFlags(*flag.FlagSet) action {
	return func(operands []string, std streams) int {
		sub := subcommands()[0]
		switch len(operands) {
		case 0:
		case 1:
			var ok bool
			if sub, ok = find(operands[0]); !ok {
				return std.fail(unknownCommand(operands[0]))
			}
		default:
			return std.fail(errors.New("help takes one subcommand"))
		}
		fmt.Fprint(std.stdout, sub.usage())
		return exitDone
	}
}

package main

import (
	"errors"
	"flag"
	"runtime/debug"

	"github.com/difygen/difygen/internal/pipeline"
	"github.com/difygen/difygen/model"
)

func inspectFlags(flags *flag.FlagSet) action {
	dir, kind, options := dirFlag(flags), kindFlag(flags), reportFlags(flags)
	return func(files []string, std streams) int {
		if len(files) == 0 {
			return std.fail(errors.New("inspect needs a provider's YAML file"))
		}
		root, err := folder(*dir)
		if err != nil {
			return std.fail(err)
		}
		debug.SetGCPercent(pipeline.GCPercent)
		result, err := pipeline.Inspect(pipeline.Config{Dir: root, Files: files, Kind: *kind})
		if err != nil {
			return std.fail(err)
		}
		wrong := std.report(result.Diagnostics, result.Sources, *options)
		if len(result.Providers) > 0 {
			out, err := model.Inspect(result.Providers)
			if err != nil {
				return std.fail(err)
			}
			if _, err := std.stdout.Write(out); err != nil {
				return std.fail(err)
			}
		}
		if wrong {
			return exitWrong
		}
		return exitDone
	}
}

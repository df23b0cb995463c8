package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/difygen/difygen/internal/plugin"
	"github.com/difygen/difygen/internal/schema"
	"github.com/difygen/difygen/model"
)

func schemaFlags(flags *flag.FlagSet) action {
	dir, verbose := dirFlag(flags), verboseFlag(flags)
	kind := flags.String("kind", "", "the `kind` of provider: "+model.KindList()+"\n(default: any, as the keys of the file tell)")
	out := flags.String("o", "", "write schemas into this `folder`, instead of printing one: those for\nthe plugin in the current folder, or all if there is none")
	return func(words []string, std streams) int {
		root, err := folder(*dir)
		switch {
		case err != nil:
			return std.fail(err)
		case *out != "" && (len(words) > 0 || *kind != ""):
			return std.fail(errors.New("-o writes all schemas that the plugin needs: name none, and no -kind"))
		case *out != "":
			ctx, stop := interruptible()
			defer stop()
			changes, err := schema.Write(ctx, pathIn(root, *out), *out, plugin.KindsIn(os.DirFS(root))...)
			if err != nil {
				return std.fail(err)
			}
			for _, c := range changes {
				std.note(*verbose, c.Verb()+" "+c.Name)
			}
			return exitDone
		case len(words) == 0 && *kind != "":
			words = []string{"provider"}
		case len(words) != 1:
			return std.fail(fmt.Errorf("schema needs one of %s, or -o", strings.Join(schema.Words(), ", ")))
		}
		f, err := schema.Find(words[0], model.Kind(*kind))
		if err != nil {
			return std.fail(err)
		}
		if _, err := std.stdout.Write(f.Data); err != nil {
			return std.fail(err)
		}
		return exitDone
	}
}

package main

import (
	"errors"
	"flag"
	"fmt"
	"runtime/debug"

	"github.com/difygen/difygen/internal/pipeline"
	"github.com/difygen/difygen/internal/text"
	"github.com/difygen/difygen/model"
)

func inspectFlags(flags *flag.FlagSet) action {
	dir, kind, options := dirFlag(flags), kindFlag(flags), reportFlags(flags)
	item := flags.String("item", "", "the files are items of this `kind`: "+model.ItemKindList())
	declaration := flags.Bool("declaration", false, "print the whole plugin as the host extracts it from\nthe folder of the manifest.yaml here or in a parent")
	return func(files []string, std streams) int {
		root, err := folder(*dir)
		if err != nil {
			return std.fail(err)
		}
		if std, err = std.reporting(*options, root); err != nil {
			return std.fail(err)
		}
		debug.SetGCPercent(pipeline.GCPercent)
		var out []byte
		var result *pipeline.Result
		switch {
		case *declaration && (*item != "" || *kind != "" || len(files) > 0):
			return std.fail(errors.New("-declaration takes no files, -item or -kind: it prints the whole plugin"))
		case *declaration:
			out, result, err = inspectDeclaration(root)
		case *item != "" && *kind != "":
			return std.fail(errors.New("use one of -kind, for the files of providers, and -item, for those of items"))
		case len(files) == 0 && *item != "":
			return std.fail(fmt.Errorf("inspect -item %s needs a YAML file", text.Name(*item)))
		case len(files) == 0:
			return std.fail(errors.New("inspect needs a provider's YAML file, or -declaration for the whole plugin"))
		case *item != "":
			out, result, err = inspectItems(root, files, *item)
		default:
			out, result, err = inspectProviders(pipeline.Config{Dir: root, Files: files, Kind: *kind})
		}
		if err != nil {
			return std.fail(err)
		}
		wrong := std.report(result.Diagnostics, result.Sources, *options)
		if _, err := fmt.Fprint(std.stdout, visibleJSON(string(out))); err != nil {
			return std.fail(err)
		}
		if wrong {
			return exitWrong
		}
		return exitDone
	}
}

func inspectProviders(cfg pipeline.Config) ([]byte, *pipeline.Result, error) {
	result, err := pipeline.Inspect(cfg)
	if err != nil || len(result.Providers) == 0 {
		return nil, result, err
	}
	out, err := model.Inspect(result.Providers)
	return out, result, err
}

// inspectItems returns an object for each item that the host could load.
func inspectItems(dir string, files []string, word string) ([]byte, *pipeline.Result, error) {
	kind, ok := model.KindOfItem(word)
	if !ok {
		return nil, nil, fmt.Errorf("unknown kind of item %s: -item is one of %s", text.Name(word), model.ItemKindList())
	}
	items, result, err := pipeline.InspectItems(dir, files, kind)
	if err != nil {
		return nil, nil, err
	}
	var all []byte
	for _, item := range items {
		out, err := model.InspectItem(item)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, out...)
	}
	return all, result, nil
}

// inspectDeclaration returns the plugin's declaration, unless the host could not load it.
func inspectDeclaration(dir string) ([]byte, *pipeline.Result, error) {
	p, result, err := pipeline.InspectPlugin(dir)
	if err != nil || result.Diagnostics.HasErrors() {
		return nil, result, err
	}
	out, err := model.Indent(p.HostForm())
	return out, result, err
}

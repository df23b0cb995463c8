package main

const usage = `difygen turns the provider YAML of a Dify plugin into typed Go.

    difygen [flags] [provider.yaml ...]   generate; with no file, for all providers that
                                          the manifest.yaml here or in a parent lists
    difygen inspect [flags] FILE ...      print what the Dify host sees, as JSON
    difygen package [flags] [PACKAGE]     build the .difypkg of the plugin in this folder, with
                                          its main package (default: .) for Linux
    difygen version

Flags:
    -C dir         run as if started in dir
    -o dir         write the Go files to dir (default: the current folder);
                   with package, the file to write (default: NAME-VERSION.difypkg)
    -package name  their package (default: $GOPACKAGE, then what the folder holds)
    -kind kind     of the files: tool, model, datasource, trigger, endpoint, agent-strategy
                   (default: as the manifest says, else as the keys of the file say)
    -prefix name   stands before every name (default: the provider's name, unless the
                   package has it)
    -type name     your type (default: Provider, with the prefix)
    -check         write nothing; print a diff, and exit with 1 if there is one
    -strict        take warnings for errors
    -json          print diagnostics as JSON, an object a line, to standard error, too
    -v             say what was written

Exit codes: 0 done; 1 the YAML or the plugin is wrong, or -check found a difference; 2 usage,
or a file that cannot be read or written.
`

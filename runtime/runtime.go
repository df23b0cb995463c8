// Package runtime supports the code that difygen generates, and that of plugin authors. For
// authors, it has secrets that do not leak into logs, the output of tools, files to open,
// errors with the names that Dify knows, and DoJSON for requests to a service. Generated
// code uses its decoders of the values that a Dify host sends, and its adapters, which say
// by routes what a provider can be asked. It imports only the standard library.
package runtime

// Version10UpdateDifygenThenRunGoGenerate ties generated code to a version of
// this package that supports it. If the compiler reports it as undefined, update the
// module github.com/difygen/difygen, then run go generate.
const Version10UpdateDifygenThenRunGoGenerate = true

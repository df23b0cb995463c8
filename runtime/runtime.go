// Package runtime supports the code that difygen generates. It has secrets that do
// not leak into logs, decoders of the values that a Dify host sends, errors with the
// names that Dify knows, and adapters through which Dify calls typed code. It imports
// only the standard library.
package runtime

// Version4UpdateDifygenThenRunGoGenerate ties generated code to a version of
// this package that supports it. If the compiler reports it as undefined, update the
// module github.com/difygen/difygen, then run go generate.
const Version4UpdateDifygenThenRunGoGenerate = true

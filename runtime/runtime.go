// Package runtime is what the code that difygen generates stands on: secrets
// that do not leak into logs, decoding of the values that a Dify host sends,
// errors under the names that Dify tells apart, and adapters, which let Dify call
// typed code. It imports the standard library alone.
package runtime

// Version4UpdateDifygenThenRunGoGenerate ties generated code to a runtime that
// fits it. If the compiler reports it as undefined, the two differ: update the
// module github.com/difygen/difygen, then run go generate.
const Version4UpdateDifygenThenRunGoGenerate = true

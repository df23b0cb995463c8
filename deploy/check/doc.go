// Package check tests the files in the folder above it with the code of what reads them:
// Kubernetes' API server, Knative, Cloud Run's client, BuildKit and ko. It has a module of its
// own, since that is a lot of code, and no plugin needs it.
package check

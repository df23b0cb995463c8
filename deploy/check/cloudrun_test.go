package check

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"google.golang.org/api/run/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/yaml"
)

// cloudRunGrace is how long Cloud Run waits for an instance to stop, in seconds. Its container
// runtime contract says so; no setting changes it.
const cloudRunGrace = 10

// checkCloudRun checks cloudrun.yaml against Cloud Run's types, and against what their
// documentation says.
func checkCloudRun(manifest []byte) error {
	var service run.Service
	if err := yaml.UnmarshalStrict(manifest, &service); err != nil {
		return err
	}
	if service.ApiVersion != "serving.knative.dev/v1" || service.Kind != "Service" {
		return fmt.Errorf("it is of kind %s, %s", service.ApiVersion, service.Kind)
	}
	docs, err := runDocs()
	if err != nil {
		return err
	}
	if err := docs.supported(reflect.ValueOf(service)); err != nil {
		return err
	}
	template := service.Spec.Template
	if err := errors.Join(docs.annotations("Service", service.Metadata), docs.annotations("Revision", template.Metadata)); err != nil {
		return err
	}
	spec := template.Spec
	if spec.ContainerConcurrency > 1000 || spec.TimeoutSeconds > 3600 {
		return errors.New("more than Cloud Run allows")
	}
	c := spec.Containers[0]
	memory, err := resource.ParseQuantity(c.Resources.Limits["memory"])
	if err != nil {
		return fmt.Errorf("memory: %w", err)
	}
	s := settings{env: make(map[string]string), grace: cloudRunGrace, timeout: spec.TimeoutSeconds, concurrency: spec.ContainerConcurrency, memory: memory.Value()}
	for _, v := range c.Env {
		s.env[v.Name] = v.Value
	}
	for _, p := range c.Ports {
		s.ports = append(s.ports, int32(p.ContainerPort))
	}
	for _, p := range []*run.Probe{c.StartupProbe, c.LivenessProbe} {
		if p != nil && p.HttpGet != nil {
			s.probes = append(s.probes, p.HttpGet.Path)
		}
	}
	return errors.Join(s.checkRest(), s.stops(stopTimeoutIn(manifest)), s.scalesToZero(template.Metadata.Annotations["autoscaling.knative.dev/minScale"]))
}

// documentation is that of Cloud Run's types: of each field, by "Type.Field".
type documentation map[string]string

var runDocs = sync.OnceValues(func() (documentation, error) {
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "google.golang.org/api/run/v1").Output()
	if err != nil {
		return nil, fmt.Errorf("finding Cloud Run's types: %w", err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "run-gen.go"), nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	docs := make(documentation)
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if s, ok := spec.Type.(*ast.StructType); ok {
			for _, f := range s.Fields.List {
				for _, name := range f.Names {
					docs[spec.Name.Name+"."+name.Name] = strings.Join(strings.Fields(f.Doc.Text()), " ")
				}
			}
		}
		return false
	})
	return docs, nil
})

// supported returns an error if a field has a value that Cloud Run does not support.
func (d documentation) supported(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return d.supported(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			if err := d.supported(v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				continue
			}
			name := v.Type().Name() + "." + v.Type().Field(i).Name
			if doc := d[name]; strings.Contains(strings.ToLower(doc), "not supported by cloud run") {
				return fmt.Errorf("%s: %s", name, doc)
			}
			if err := d.supported(v.Field(i)); err != nil {
				return err
			}
		}
	default:
	}
	return nil
}

// annotationRE matches an annotation in the documentation, and the resources that have it.
var annotationRE = regexp.MustCompile("`([a-z./A-Z-]+)`: ([A-Za-z, ]+)")

// annotations returns an error if a resource has an annotation that only others have.
func (d documentation) annotations(resource string, m *run.ObjectMeta) error {
	allowed := make(map[string][]string)
	for _, match := range annotationRE.FindAllStringSubmatch(d["ObjectMeta.Annotations"], -1) {
		allowed[match[1]] = strings.FieldsFunc(match[2], func(r rune) bool { return r == ',' || r == ' ' })
	}
	if len(allowed) < 20 {
		return fmt.Errorf("the documentation has only %d annotations", len(allowed))
	}
	for name := range m.Annotations {
		if !slices.Contains(allowed[name], resource) {
			return fmt.Errorf("%s is an annotation of %q, not of a %s", name, allowed[name], resource)
		}
	}
	return nil
}

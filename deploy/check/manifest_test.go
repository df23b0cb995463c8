package check

import (
	"os"
	"strings"
	"testing"
)

// manifests are the files, and what checks each.
var manifests = map[string]func([]byte) error{
	"../kubernetes.yaml": checkKubernetes,
	"../knative.yaml":    checkKnative,
	"../cloudrun.yaml":   checkCloudRun,
}

func TestManifests(t *testing.T) {
	t.Parallel()
	for file, check := range manifests {
		if err := check(read(t, file)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestMistakes checks that mistakes in the manifests are found.
func TestMistakes(t *testing.T) {
	t.Parallel()
	const k8s, knative, cloudrun = "../kubernetes.yaml", "../knative.yaml", "../cloudrun.yaml"
	for _, test := range []struct{ file, old, mistake, want string }{
		{k8s, "readinessProbe:", "readynessProbe:", "unknown field"},
		{k8s, "memory: 64Mi", "memory: 64MB", "quantities must match"},
		{k8s, "memory: 64Mi", "memory: 64Gi", "must be less than or equal to memory limit"},
		{k8s, "port: http\n            periodSeconds: 5", "port: web_port_of_http\n            periodSeconds: 5", "port"},
		{k8s, "maxUnavailable: 0", "maxUnavailable: 0\n      maxSurge: 0", "may not be 0 when"},
		{k8s, "minReplicas: 2", "minReplicas: 20", "must be greater than or equal to"},
		{k8s, "terminationGracePeriodSeconds: 40", "terminationGracePeriodSeconds: 30", "takes up to 22s to stop, and has 20s"},
		{k8s, "kind: Deployment\n    name: github", "kind: Deployment\n    name: gitlab", "does not select"},
		{k8s, "runAsNonRoot: true", "runAsNonRoot: false", "root"},
		{k8s, "containerPort: 8080", "containerPort: 8081", "listens at 8080"},
		{k8s, "path: /health", "path: /", "the probes get"},
		{k8s, "GOMEMLIMIT\n              value: 400MiB", "GOMEMLIMIT\n              value: 4GiB", "GOMEMLIMIT"},
		{knative, "timeoutSeconds: 360", "timeoutSeconds: 900", "expected 0 <= 900 <= 600"},
		{knative, "timeoutSeconds: 360", "timeoutSeconds: 300", "MAX_REQUEST_TIMEOUT"},
		{knative, "timeoutSeconds: 360", "timeoutSeconds: 360\n      terminationGracePeriodSeconds: 40", "must not set the field(s)"},
		{knative, "containerConcurrency: 80", "containerConcurrency: 100", `MAX_WORKER is "80", and the concurrency 100`},
		{knative, "containerConcurrency: 80", "containerConcurrency: 2000", "expected 0 <= 2000 <= 1000"},
		{knative, "min-scale: \"0\"", "min-scale: \"1\"", "always"},
		{knative, "max-scale: \"10\"", "max-scale: \"ten\"", "invalid value: ten"},
		{knative, "http-full-duplex: Enabled", "http-full-duplex: Disabled", "cut responses off"},
		{knative, "image: registry", "image: Registry//", "Failed to parse image reference"},
		{cloudrun, "startupProbe:", "startProbe:", "unknown field"},
		{cloudrun, "containerConcurrency: 80", "containerConcurrency: 80\n      enableServiceLinks: true", "Not supported by Cloud Run"},
		{cloudrun, "run.googleapis.com/ingress", "run.googleapis.com/cpu-throttling", `an annotation of ["Revision"], not of a Service`},
		{cloudrun, "run.googleapis.com/ingress", "run.googleapis.com/egress", "an annotation of []"},
		{cloudrun, "(8 * time.Second)", "(20 * time.Second)", "takes up to 22s to stop, and has 10s"},
		{cloudrun, "timeoutSeconds: 360", "timeoutSeconds: 3601", "more than Cloud Run allows"},
	} {
		manifest := string(read(t, test.file))
		changed := strings.Replace(manifest, test.old, test.mistake, 1)
		if changed == manifest {
			t.Errorf("%s has no %q", test.file, test.old)
			continue
		}
		if err := manifests[test.file]([]byte(changed)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s with %q: got %v, want %q", test.file, test.mistake, err, test.want)
		}
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

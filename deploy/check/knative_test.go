package check

import (
	"context"
	"errors"
	"fmt"

	"knative.dev/serving/pkg/apis/config"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"
	"sigs.k8s.io/yaml"
)

// checkKnative checks knative.yaml, as Knative's webhook does with its default configuration.
func checkKnative(manifest []byte) error {
	var service servingv1.Service
	if err := yaml.UnmarshalStrict(manifest, &service); err != nil {
		return err
	}
	if gvk := service.GroupVersionKind().String(); gvk != "serving.knative.dev/v1, Kind=Service" {
		return fmt.Errorf("it is of kind %s", gvk)
	}
	service.Namespace = namespace
	ctx := config.ToContext(context.Background(), config.FromContextOrDefaults(context.Background()))
	service.SetDefaults(ctx)
	if err := service.Validate(ctx); err != nil { // Validate returns a typed nil
		return err
	}
	spec := service.Spec.Template.Spec
	c := spec.Containers[0]
	// Knative's pods have this time to stop, whatever else they say.
	s := settings{env: make(map[string]string), grace: *spec.TimeoutSeconds, timeout: *spec.TimeoutSeconds, memory: c.Resources.Limits.Memory().Value()}
	s.concurrency = *spec.ContainerConcurrency
	for _, v := range c.Env {
		s.env[v.Name] = v.Value
	}
	for _, p := range c.Ports {
		s.ports = append(s.ports, p.ContainerPort)
	}
	if c.ReadinessProbe.HTTPGet != nil {
		s.probes = append(s.probes, c.ReadinessProbe.HTTPGet.Path)
	}
	if c.LivenessProbe != nil && c.LivenessProbe.HTTPGet != nil {
		s.probes = append(s.probes, c.LivenessProbe.HTTPGet.Path)
	}
	if c.SecurityContext == nil || c.SecurityContext.RunAsNonRoot == nil || !*c.SecurityContext.RunAsNonRoot {
		return errors.New("the container may run as root")
	}
	if service.Spec.Template.Annotations[config.AllowHTTPFullDuplexFeatureKey] != "Enabled" {
		return errors.New("the proxies may cut responses off")
	}
	return errors.Join(s.check(), s.scalesToZero(service.Spec.Template.Annotations["autoscaling.knative.dev/min-scale"]))
}

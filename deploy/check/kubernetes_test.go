package check

import (
	"bytes"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/apps"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	appsvalidation "k8s.io/kubernetes/pkg/apis/apps/validation"
	"k8s.io/kubernetes/pkg/apis/autoscaling"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	autoscalingvalidation "k8s.io/kubernetes/pkg/apis/autoscaling/validation"
	"k8s.io/kubernetes/pkg/apis/core"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/apis/networking"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	networkingvalidation "k8s.io/kubernetes/pkg/apis/networking/validation"
	"k8s.io/kubernetes/pkg/apis/policy"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	policyvalidation "k8s.io/kubernetes/pkg/apis/policy/validation"
)

// namespace is where kubectl would create an object.
const namespace = "default"

// decodeKubernetes returns the objects of a manifest as the API server has them: decoded
// strictly, and with its defaults.
func decodeKubernetes(manifest []byte) ([]runtime.Object, error) {
	decoder := serializer.NewCodecFactory(legacyscheme.Scheme, serializer.EnableStrict).UniversalDecoder()
	var objects []runtime.Object
	for document := range bytes.SplitSeq(manifest, []byte("\n---\n")) {
		object, kind, err := decoder.Decode(document, nil, nil)
		if err != nil {
			return nil, fmt.Errorf("object %d: %w", len(objects)+1, err)
		}
		accessor, err := meta.Accessor(object)
		if err != nil {
			return nil, fmt.Errorf("%v: %w", kind, err)
		}
		accessor.SetNamespace(namespace)
		objects = append(objects, object)
	}
	return objects, nil
}

// validateObject is the API server's validation of an object that is created.
func validateObject(object runtime.Object) error {
	var errs field.ErrorList
	switch o := object.(type) {
	case *apps.Deployment:
		errs = appsvalidation.ValidateDeployment(o, pod.GetValidationOptionsFromPodTemplate(&o.Spec.Template, nil))
	case *core.Service:
		errs = corevalidation.ValidateServiceCreate(o)
	case *autoscaling.HorizontalPodAutoscaler:
		errs = autoscalingvalidation.ValidateHorizontalPodAutoscaler(o, autoscalingvalidation.HorizontalPodAutoscalerSpecValidationOptions{})
	case *policy.PodDisruptionBudget:
		errs = policyvalidation.ValidatePodDisruptionBudget(o, policyvalidation.PodDisruptionBudgetValidationOptions{})
	case *networking.NetworkPolicy:
		errs = networkingvalidation.ValidateNetworkPolicy(o, networkingvalidation.NetworkPolicyValidationOptions{})
	default:
		return fmt.Errorf("no validation of %T", object)
	}
	return errs.ToAggregate()
}

// checkKubernetes checks kubernetes.yaml.
func checkKubernetes(manifest []byte) error {
	objects, err := decodeKubernetes(manifest)
	if err != nil {
		return err
	}
	var d *apps.Deployment
	for _, o := range objects {
		if err := validateObject(o); err != nil {
			return err
		}
		if o, ok := o.(*apps.Deployment); ok {
			d = o
		}
	}
	if d == nil {
		return errors.New("no Deployment")
	}
	if err := related(d, objects); err != nil {
		return err
	}
	spec := d.Spec.Template.Spec
	c := spec.Containers[0]
	s := settings{env: make(map[string]string), grace: *spec.TerminationGracePeriodSeconds, memory: c.Resources.Limits.Memory().Value()}
	for _, v := range c.Env {
		s.env[v.Name] = v.Value
	}
	if c.Lifecycle != nil && c.Lifecycle.PreStop != nil && c.Lifecycle.PreStop.Sleep != nil {
		s.grace -= c.Lifecycle.PreStop.Sleep.Seconds
	}
	for _, p := range c.Ports {
		s.ports = append(s.ports, p.ContainerPort)
	}
	for _, p := range []*core.Probe{c.ReadinessProbe, c.LivenessProbe} {
		if p != nil && p.HTTPGet != nil {
			s.probes = append(s.probes, p.HTTPGet.Path)
		}
	}
	if spec.SecurityContext == nil || spec.SecurityContext.RunAsNonRoot == nil || !*spec.SecurityContext.RunAsNonRoot {
		return errors.New("the container may run as root")
	}
	return s.check()
}

// related checks that the other objects belong to the deployment.
func related(d *apps.Deployment, objects []runtime.Object) error {
	labels := d.Spec.Template.Labels
	for _, o := range objects {
		selects := true
		switch o := o.(type) {
		case *core.Service:
			selects = matches(o.Spec.Selector, labels)
		case *policy.PodDisruptionBudget:
			selects = matches(o.Spec.Selector.MatchLabels, labels)
		case *networking.NetworkPolicy:
			selects = matches(o.Spec.PodSelector.MatchLabels, labels)
		case *autoscaling.HorizontalPodAutoscaler:
			selects = o.Spec.ScaleTargetRef.Kind == "Deployment" && o.Spec.ScaleTargetRef.Name == d.Name
		}
		if !selects {
			return fmt.Errorf("%T does not select the deployment", o)
		}
	}
	return nil
}

func matches(selector, labels map[string]string) bool {
	for k, v := range selector {
		if labels[k] != v {
			return false
		}
	}
	return len(selector) > 0
}

package check

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/difygen/difygen/internal/session"
)

// settings are what a manifest says about an instance of a plugin.
type settings struct {
	env         map[string]string
	ports       []int32
	probes      []string // paths
	memory      int64    // its limit, in bytes
	concurrency int64    // requests at the same time; 0 if the platform has no limit
	timeout     int64    // seconds for a request; 0 if the platform has no limit
	grace       int64    // seconds from SIGTERM to SIGKILL
}

// check checks that the settings fit each other, for a plugin with the default stop timeout.
func (s settings) check() error {
	return errors.Join(s.checkRest(), s.stops(session.DefaultConfig().StopTimeout))
}

// stops checks that an instance has the time that it takes to stop, and some to send the
// last errors.
func (s settings) stops(timeout time.Duration) error {
	const last = 2 * time.Second
	if grace := time.Duration(s.grace) * time.Second; grace < timeout+last {
		return fmt.Errorf("an instance takes up to %v to stop, and has %v", timeout+last, grace)
	}
	return nil
}

// checkRest checks all but the time to stop.
func (s settings) checkRest() error {
	var errs []error
	if s.env["INSTALL_METHOD"] != "serverless" {
		errs = append(errs, errors.New("the plugin is not serverless"))
	}
	if len(s.probes) != 2 || s.probes[0] != "/health" || s.probes[1] != "/health" {
		errs = append(errs, fmt.Errorf("the probes get %q", s.probes))
	}
	if !slices.Equal(s.ports, []int32{8080}) {
		errs = append(errs, fmt.Errorf("the ports are %d, but the plugin listens at 8080", s.ports))
	}
	if n, err := strconv.ParseInt(s.env["MAX_WORKER"], 10, 64); err != nil || n <= 0 || s.concurrency > 0 && n != s.concurrency {
		errs = append(errs, fmt.Errorf("MAX_WORKER is %q, and the concurrency %d", s.env["MAX_WORKER"], s.concurrency))
	}
	if n, err := strconv.ParseInt(s.env["MAX_REQUEST_TIMEOUT"], 10, 64); err != nil || n <= 0 || s.timeout > 0 && n >= s.timeout {
		errs = append(errs, fmt.Errorf("MAX_REQUEST_TIMEOUT is %q, and the platform's %d s", s.env["MAX_REQUEST_TIMEOUT"], s.timeout))
	}
	// Go's garbage collector needs to know the limit, and some memory is not Go's.
	goLimit, err := resource.ParseQuantity(regexp.MustCompile(`B$`).ReplaceAllString(s.env["GOMEMLIMIT"], ""))
	if err != nil || goLimit.Value() > s.memory*9/10 {
		errs = append(errs, fmt.Errorf("GOMEMLIMIT is %q of %d bytes", s.env["GOMEMLIMIT"], s.memory))
	}
	return errors.Join(errs...)
}

// scalesToZero checks the least number of instances.
func (s settings) scalesToZero(minimum string) error {
	if minimum != "0" {
		return fmt.Errorf("there are always %q instances", minimum)
	}
	return nil
}

var stopTimeoutRE = regexp.MustCompile(`serve\.WithStopTimeout\((\d+) \* time\.Second\)`)

// stopTimeoutIn returns the stop timeout that the comments of a manifest demand, or the
// default.
func stopTimeoutIn(manifest []byte) time.Duration {
	m := stopTimeoutRE.FindSubmatch(manifest)
	if m == nil {
		return session.DefaultConfig().StopTimeout
	}
	n, _ := strconv.Atoi(string(m[1])) // the expression matches digits
	return time.Duration(n) * time.Second
}

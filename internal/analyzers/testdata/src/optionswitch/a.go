package optionswitch

import "github.com/difygen/difygen/internal/analyzers/testdata/src/service"

func lacks(creds service.Credentials) string {
	switch creds.Deployment { // want `the switch over Deployment has no default and lacks "server", "hybrid"`
	case service.DeploymentCloud:
		return "https://service.example"
	}
	return ""
}

func lacksOne(d *service.Deployment) (n int) {
	switch x := *d; x { // want `lacks "hybrid"`
	case service.DeploymentCloud, "":
		n = 1
	case "server":
		n = 2
	}
	return n
}

// What follows is right.

func whole(d service.Deployment) int {
	switch d {
	case service.DeploymentCloud, service.DeploymentServer:
		return 1
	case service.DeploymentHybrid:
	}
	return 0
}

func defaults(d service.Deployment, other service.Deployment) int {
	switch d {
	case service.DeploymentCloud:
		return 1
	default:
		return 2
	}
}

func variable(d, other service.Deployment) int {
	switch d {
	case other:
		return 1
	}
	return 0
}

type own string

func otherType(o own) int {
	switch o {
	case "a":
		return 1
	}
	switch {
	case o == "b":
		return 2
	}
	return 0
}

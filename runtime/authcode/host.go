package authcode

import (
	"errors"
	"net"
	"strconv"
	"strings"
)

// HostLabel returns s in lower case if it can be one label of a host name, such as the region
// eu in eu.service.example: up to 63 letters, digits and hyphens (RFC 1123, section 2.1). Use
// it before a text that somebody entered becomes a part of a URL: of evil.example/# the
// secrets would go to another host. The error does not quote s.
func HostLabel(s string) (string, error) {
	if !isLabel(s) {
		return "", errors.New("it must be one part of a host name: letters, digits and hyphens")
	}
	return strings.ToLower(s), nil
}

// HostName returns s in lower case if it is the name of a host, or its IPv4 address, with or
// without a port: labels as HostLabel accepts them, of up to 253 characters together, such as
// service.example or service.example:8443. The error does not quote s.
func HostName(s string) (string, error) {
	errHost := errors.New("it must be the name of a host, such as service.example, without https:// and without a path")
	name := s
	if strings.Contains(s, ":") {
		host, port, err := net.SplitHostPort(s)
		if n, portErr := strconv.ParseUint(port, 10, 16); err != nil || portErr != nil || n == 0 || port != strconv.FormatUint(n, 10) {
			return "", errHost
		}
		name = host
	}
	if len(name) > 253 {
		return "", errHost
	}
	for label := range strings.SplitSeq(name, ".") {
		if !isLabel(label) {
			return "", errHost
		}
	}
	return strings.ToLower(s), nil
}

func isLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	return strings.IndexFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-'
	}) < 0
}

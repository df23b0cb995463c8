package agent

import (
	"errors"
	"net/url"
	"strings"
)

// errAddress is why something is not passed on to users.
var errAddress = errors.New("its address is neither one of http or https nor one of Dify's files")

// checkAddress reports an address that users cannot open, or should not: those of Dify's files are paths.
func checkAddress(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil:
	case u.Scheme == "https" && u.Host != "", u.Scheme == "http" && u.Host != "":
		return nil
	case u.Scheme == "" && u.Host == "" && strings.HasPrefix(u.Path, "/files/"):
		return nil
	}
	return errAddress
}

// Package magpie has data sources that need no service: they make up what they have. Those in Python do
// the same.
package magpie

import (
	"errors"
	"strings"

	"github.com/difygen/difygen/runtime"
)

// authenticate accepts keys that begin with "key-".
func authenticate(key runtime.Secret) error {
	if strings.HasPrefix(key.Reveal(), "key-") {
		return nil
	}
	return &runtime.Error{Type: runtime.ErrorDatasourceCredentials, Err: errors.New("the magpie does not know this key")}
}

func fail(command string) error {
	if command == "fail" {
		return errors.New("the magpie bites")
	}
	return nil
}

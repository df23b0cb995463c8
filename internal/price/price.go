// Package price decodes prices so that an error says which of several is wrong.
package price

import (
	"fmt"

	"github.com/difygen/difygen/runtime"
)

// Price is a price in JSON, or what is wrong with it.
type Price struct {
	runtime.Decimal

	err error
}

// UnmarshalJSON decodes a price. Check returns its error.
func (p *Price) UnmarshalJSON(data []byte) error {
	p.err = p.Decimal.UnmarshalJSON(data)
	return nil
}

// Check returns the error of decoding the price that is called name.
func (p *Price) Check(name string) error {
	if p.err != nil {
		return fmt.Errorf("%s %w", name, p.err)
	}
	return nil
}

package model

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/difygen/difygen/internal/yamldoc"
)

// maxDigits bounds the digits of a decimal that is written out, since a few characters,
// such as 1e99999999, can stand for very many.
const maxDigits = 10_000

var errNotDecimal = errors.New("must be a decimal number, such as 0.15")

// decimal is a decimal number as the host keeps it: exactly, without trailing zeros.
type decimal struct{ text string }

func (decimal) DescribeYAML() yamldoc.Words {
	return yamldoc.Words{One: "a decimal number, such as 0.15"}
}

// MarshalText implements [encoding.TextMarshaler].
func (d decimal) MarshalText() ([]byte, error) {
	if d.text == "" {
		return []byte("0"), nil
	}
	return []byte(d.text), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler]. It takes digits with an optional
// sign, point and exponent.
func (d *decimal) UnmarshalText(data []byte) error {
	digits, exponent, scientific := string(data), int64(0), false
	if i := strings.IndexAny(digits, "Ee"); i >= 0 {
		e, err := strconv.ParseInt(digits[i+1:], 10, 32)
		if err != nil {
			return errNotDecimal
		}
		digits, exponent, scientific = digits[:i], e, true
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	exponent -= int64(len(fraction))
	value, ok := new(big.Int).SetString(whole+fraction, 10)
	switch {
	case !ok, strings.Contains(whole+fraction, "_"), exponent < math.MinInt32, exponent > math.MaxInt32:
		return errNotDecimal
	case scientific && max(exponent, -exponent) > maxDigits, len(digits) > maxDigits:
		return errNotDecimal
	}
	d.text = spell(value, int(exponent))
	return nil
}

// spell returns value times ten to the power of exponent.
func spell(value *big.Int, exponent int) string {
	digits := new(big.Int).Abs(value).String()
	if exponent >= 0 {
		digits += strings.Repeat("0", exponent)
	} else {
		if n := -exponent - len(digits) + 1; n > 0 {
			digits = strings.Repeat("0", n) + digits
		}
		point := len(digits) + exponent
		digits = strings.TrimSuffix(strings.TrimRight(digits[:point]+"."+digits[point:], "0"), ".")
	}
	if value.Sign() == 0 {
		return "0"
	}
	if value.Sign() < 0 {
		return "-" + digits
	}
	return digits
}

// HasPlacesFor reports whether n has no more decimal places than the field's precision allows.
func (f *Field) HasPlacesFor(n float64) bool {
	_, fraction, _ := strings.Cut(strconv.FormatFloat(n, 'f', -1, 64), ".")
	return f.Precision == nil || len(fraction) <= max(*f.Precision, 0)
}

package runtime

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
	"strconv"
	"strings"
)

// The bounds of a Decimal.
const (
	decimalDigits   = 64
	decimalExponent = 64
)

// Decimal is a decimal number, such as a price: an integer of at most 64 digits times a power of ten
// from -64 to 64. It is immutable. The zero value is 0. Compare with Equal or Cmp: the compiler
// refuses ==.
type Decimal struct {
	_           [0]func() // functions cannot be compared
	coefficient *big.Int  // never changed; nil is 0
	exponent    int       // the smallest for which the coefficient has no zero at its end, or 64
}

// NewDecimal returns coefficient times ten to the power of exponent: NewDecimal(15, -2) is 0.15.
// It rounds and limits as Mul does.
func NewDecimal(coefficient int64, exponent int) Decimal {
	const far = 4 * decimalExponent // beyond it, everything is too large, or 0
	return boundDecimal(big.NewInt(coefficient), max(-far, min(exponent, far)))
}

// errDecimal says what a decimal is. It does not quote the input.
var errDecimal = errors.New("must be a decimal number such as 0.0015, of at most 64 digits and with an exponent from -64 to 64")

// ParseDecimal reads a number such as "-0.0015" or "1e-6". It does not round: a number with more
// digits than a Decimal has is an error.
func ParseDecimal(text string) (Decimal, error) {
	digits, exponent, ok := scanDecimal(text)
	if !ok {
		return Decimal{}, errDecimal
	}
	negative := strings.HasPrefix(text, "-")
	digits = strings.TrimLeft(digits, "0")
	if digits == "" {
		return Decimal{}, nil
	}
	all := len(digits)
	digits = strings.TrimRight(digits, "0")
	exponent += all - len(digits)
	if exponent < -decimalExponent || len(digits)+max(0, exponent-decimalExponent) > decimalDigits {
		return Decimal{}, errDecimal
	}
	c, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		return Decimal{}, errDecimal
	}
	if negative {
		c.Neg(c)
	}
	return boundDecimal(c, exponent), nil
}

// scanDecimal splits a number into its digits, without the point, and its exponent.
func scanDecimal(text string) (digits string, exponent int, ok bool) {
	if text != "" && (text[0] == '-' || text[0] == '+') {
		text = text[1:]
	}
	number, power, scientific := strings.Cut(strings.Replace(text, "E", "e", 1), "e")
	if scientific {
		// Atoi returns the nearest int for a power that is too large: 0e99999999999999999999 is 0.
		n, err := strconv.Atoi(power)
		if errors.Is(err, strconv.ErrSyntax) {
			return "", 0, false
		}
		exponent = max(-1<<30, min(n, 1<<30))
	}
	whole, fraction, _ := strings.Cut(number, ".")
	digits = whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "", 0, false
	}
	return digits, exponent - len(fraction), true
}

// boundDecimal returns the Decimal nearest to a coefficient, which it may change, times ten to the
// power of exponent.
func boundDecimal(c *big.Int, exponent int) Decimal {
	if drop := max(countDigits(c)-decimalDigits, -decimalExponent-exponent); drop > 0 {
		roundDigits(c, drop) // 99.5 to 100, whose zeros go below
		exponent += drop
	}
	digits := strings.TrimPrefix(decimalText(c), "-")
	kept := strings.TrimRight(digits, "0")
	if kept == "" {
		return Decimal{}
	}
	exponent += len(digits) - len(kept)
	switch surplus := exponent - decimalExponent; {
	case len(kept)+surplus > decimalDigits:
		kept, exponent = strings.Repeat("9", decimalDigits), decimalExponent
	case surplus > 0:
		kept, exponent = kept+strings.Repeat("0", surplus), decimalExponent
	}
	negative := c.Sign() < 0
	c.SetString(kept, 10)
	if negative {
		c.Neg(c)
	}
	return Decimal{coefficient: c, exponent: exponent}
}

// decimalText returns c in decimal. Prices are small, for which package big allocates more.
func decimalText(c *big.Int) string {
	if c.IsInt64() {
		return strconv.FormatInt(c.Int64(), 10)
	}
	return c.Text(10)
}

func countDigits(c *big.Int) int { return len(strings.TrimPrefix(decimalText(c), "-")) }

func powerOfTen(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

// roundDigits drops the last digits of c, which it changes. Half and more is rounded away from zero.
func roundDigits(c *big.Int, digits int) {
	if digits > countDigits(c) {
		c.SetInt64(0)
		return
	}
	unit := powerOfTen(digits)
	half := new(big.Int).Rsh(unit, 1)
	if c.Sign() < 0 {
		half.Neg(half)
	}
	c.Quo(c.Add(c, half), unit)
}

// scaled returns the coefficient of d for a smaller exponent. The caller may change it.
func (d Decimal) scaled(exponent int) *big.Int {
	if d.coefficient == nil {
		return new(big.Int)
	}
	return new(big.Int).Mul(d.coefficient, powerOfTen(d.exponent-exponent))
}

// Add returns d + e, rounded and limited as by Mul.
func (d Decimal) Add(e Decimal) Decimal {
	exponent := min(d.exponent, e.exponent)
	sum := d.scaled(exponent)
	return boundDecimal(sum.Add(sum, e.scaled(exponent)), exponent)
}

// Mul returns d × e. What has more than 64 digits, or digits below 10⁻⁶⁴, is rounded half up. What
// is too large is the largest Decimal there is; no price comes near.
func (d Decimal) Mul(e Decimal) Decimal {
	exponent := d.exponent + e.exponent
	product := d.scaled(d.exponent)
	return boundDecimal(product.Mul(product, e.scaled(e.exponent)), exponent)
}

// Round returns d rounded half up, which is away from zero, to that many decimal places, as Dify
// rounds prices. A negative number of places rounds whole digits.
func (d Decimal) Round(places int) Decimal {
	places = max(-2*decimalDigits-1, min(places, decimalExponent)) // beyond, nothing is left or changes
	if d.exponent >= -places {
		return d
	}
	c := d.scaled(d.exponent)
	roundDigits(c, -places-d.exponent)
	return boundDecimal(c, -places)
}

// Cmp returns -1 if d < e, 0 if they are the same number, and 1 if d > e.
func (d Decimal) Cmp(e Decimal) int {
	exponent := min(d.exponent, e.exponent)
	return d.scaled(exponent).Cmp(e.scaled(exponent))
}

// Equal reports whether d and e are the same number. Package go-cmp calls it.
func (d Decimal) Equal(e Decimal) bool { return d.Cmp(e) == 0 }

// IsZero reports whether d is 0.
func (d Decimal) IsZero() bool { return d.coefficient == nil }

// Float64 returns the nearest float64.
func (d Decimal) Float64() float64 {
	f, _ := strconv.ParseFloat(d.String(), 64) // neither text nor size can be wrong
	return f
}

// String returns the number as Dify writes it: without an exponent, and without zeros at the end of
// a fraction, such as "0.000001".
func (d Decimal) String() string {
	if d.coefficient == nil {
		return "0"
	}
	digits, negative := strings.CutPrefix(decimalText(d.coefficient), "-")
	switch point := len(digits) + d.exponent; {
	case d.exponent >= 0:
		digits += strings.Repeat("0", d.exponent)
	case point > 0:
		digits = digits[:point] + "." + digits[point:]
	default:
		digits = "0." + strings.Repeat("0", -point) + digits
	}
	if negative {
		return "-" + digits
	}
	return digits
}

// MarshalJSON encodes the number as a JSON string, as Dify does.
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(`"` + d.String() + `"`), nil }

// UnmarshalJSON decodes a JSON string or number, with the errors of ParseDecimal. null is 0.
func (d *Decimal) UnmarshalJSON(data []byte) error {
	text := string(data)
	switch {
	case text == "null":
		*d = Decimal{}
		return nil
	case bytes.HasPrefix(data, []byte(`"`)):
		if err := json.Unmarshal(data, &text); err != nil {
			return errDecimal
		}
	}
	parsed, err := ParseDecimal(text)
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

package runtime_test

import (
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/runtime"
)

const notDecimal = "must be a decimal number such as 0.0015, of at most 64 digits and with an exponent from -64 to 64"

func decimal(t *testing.T, text string) runtime.Decimal {
	t.Helper()
	d, err := runtime.ParseDecimal(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParseDecimal(t *testing.T) {
	t.Parallel()
	nines := strings.Repeat("9", 64)
	for _, test := range []struct{ text, want string }{
		{"0", "0"},
		{"-0", "0"},
		{"0e99999999999999999999", "0"},
		{"0.000", "0"},
		{"00", "0"},
		{"1", "1"},
		{"+1.50", "1.5"},
		{"-0.0015", "-0.0015"},
		{"1e-6", "0.000001"},
		{"1E+3", "1000"},
		{"12.5e1", "125"},
		{".5", "0.5"},
		{"5.", "5"},
		{"1200", "1200"},
		{strings.Repeat("0", 100) + "1", "1"},
		{"1" + strings.Repeat("0", 70), "1" + strings.Repeat("0", 70)},
		{"1e127", "1" + strings.Repeat("0", 127)},
		{"1e128", ""},
		{"1e-64", "0." + strings.Repeat("0", 63) + "1"},
		{"10e-65", "0." + strings.Repeat("0", 63) + "1"},
		{"1e-65", ""},
		{nines, nines},
		{"-" + nines + "e64", "-" + nines + strings.Repeat("0", 64)},
		{nines + "9", ""},
		{nines + "e65", ""},
		{nines + nines + "e9223372036854775807", ""},
		{"1e999999999", ""},
		{"1e-99999999999999999999", ""},
		{"", ""},
		{"-", ""},
		{".", ""},
		{"--1", ""},
		{"+-1", ""},
		{"-+1", ""},
		{"1e", ""},
		{"1e1e1", ""},
		{"1E1e1", ""},
		{"1.2.3", ""},
		{"1_000", ""},
		{" 1", ""},
		{"0x10", ""},
		{"NaN", ""},
		{"Infinity", ""},
		{"１", ""},
	} {
		d, err := runtime.ParseDecimal(test.text)
		if test.want == "" {
			if err == nil || err.Error() != notDecimal {
				t.Errorf("ParseDecimal(%q) = %v, %v, want error", test.text, d, err)
			}
			continue
		}
		if err != nil || d.String() != test.want {
			t.Errorf("ParseDecimal(%q) = %v, %v, want %s", test.text, d, err, test.want)
		}
	}
}

func TestDecimalJSON(t *testing.T) {
	t.Parallel()
	var got struct{ A, B, C, D runtime.Decimal }
	if err := json.Unmarshal([]byte(`{"a":"0.10","b":1e-6,"c":null,"d":"\u0031"}`), &got); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"A":"0.1","B":"0.000001","C":"0","D":"1"}`, string(data)); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	for _, input := range []string{`true`, `{}`, `""`, `"x"`, `1e999999999`, `"0.1"x`} {
		d := decimal(t, "7")
		if err := d.UnmarshalJSON([]byte(input)); err == nil || err.Error() != notDecimal || d.String() != "7" {
			t.Errorf("UnmarshalJSON(%s): %v, and the number is %v", input, err, d)
		}
	}
}

func TestDecimalArithmetic(t *testing.T) {
	t.Parallel()
	sevens := strings.Repeat("7", 64)
	for _, test := range []struct{ a, b, sum, product string }{
		{"0", "0", "0", "0"},
		{"0", "-1.5", "-1.5", "0"},
		{"1.25", "-0.25", "1", "-0.3125"},
		{"0.1", "0.2", "0.3", "0.02"},
		{"1000", "0.000001", "1000.000001", "0.001"},
		{"5e127", "5e127", "1e128", "25e254"},
		{"1e-64", "1e-1", "0.1" + strings.Repeat("0", 62) + "1", "0"},
		{"1e-64", "5e-1", "0.5" + strings.Repeat("0", 62) + "1", "1e-64"},
		{"-1e-64", "5e-1", "0.4" + strings.Repeat("9", 63), "-1e-64"},
		{sevens, "1e-3", sevens, sevens[:61] + ".777"},
		{strings.Repeat("9", 64), "0.5", "1e64", "5e63"},
		{sevens, "0.5", sevens[:63] + "8", "3" + strings.Repeat("8", 62) + "9"},
	} {
		a, b := decimal(t, test.a), decimal(t, test.b)
		want := func(text string) string {
			if d, err := runtime.ParseDecimal(text); err == nil {
				return d.String()
			}
			return strings.Repeat("9", 64) + strings.Repeat("0", 64) // the largest
		}
		if got := a.Add(b).String(); got != want(test.sum) {
			t.Errorf("%s + %s = %s, want %s", test.a, test.b, got, test.sum)
		}
		if got := a.Mul(b).String(); got != want(test.product) {
			t.Errorf("%s × %s = %s, want %s", test.a, test.b, got, test.product)
		}
		if a.String() != want(test.a) || b.String() != want(test.b) {
			t.Errorf("%s and %s have become %s and %s", test.a, test.b, a, b)
		}
	}
}

func TestDecimalRound(t *testing.T) {
	t.Parallel()
	nines := strings.Repeat("9", 64)
	for _, test := range []struct {
		text   string
		places int
		want   string
	}{
		{"0.00000015", 7, "0.0000002"},
		{"0.00000014999", 7, "0.0000001"},
		{"-0.00000015", 7, "-0.0000002"},
		{"1.5", 0, "2"},
		{"2.5", 0, "3"},
		{"-2.5", 0, "-3"},
		{"0.4", 0, "0"},
		{"-0.4", 0, "0"},
		{"99.95", 1, "100"},
		{"1234", -2, "1200"},
		{"1250", -2, "1300"},
		{"12", -3, "0"},
		{"600", -3, "1000"},
		{"12", -1 << 30, "0"},
		{"5e127", -1 << 30, "0"},
		{"5e127", -128, nines + strings.Repeat("0", 64)}, // 1e128 is too large
		{"1.25", 1 << 30, "1.25"},
		{"0", 2, "0"},
	} {
		if got := decimal(t, test.text).Round(test.places).String(); got != test.want {
			t.Errorf("%s rounded to %d places is %s, want %s", test.text, test.places, got, test.want)
		}
	}
}

func TestDecimalCompares(t *testing.T) {
	t.Parallel()
	if reflect.TypeFor[runtime.Decimal]().Comparable() {
		t.Error("== compiles, which compares pointers")
	}
	a, b, zero := decimal(t, "1.0"), runtime.NewDecimal(100, -2), runtime.Decimal{}
	if diff := cmp.Diff([]runtime.Decimal{a}, []runtime.Decimal{b}); diff != "" {
		t.Error(diff)
	}
	if a.Cmp(zero) != 1 || zero.Cmp(a) != -1 || a.Cmp(b) != 0 || zero.Cmp(decimal(t, "-1")) != 1 || a.Equal(zero) {
		t.Error("Cmp or Equal is wrong")
	}
	if !zero.IsZero() || !runtime.NewDecimal(0, 5).IsZero() || a.IsZero() {
		t.Error("IsZero is wrong")
	}
	if f := decimal(t, "0.1").Float64(); f != 0.1 {
		t.Errorf("Float64 = %v", f)
	}
	if got := runtime.NewDecimal(15, math.MinInt); !got.IsZero() {
		t.Errorf("15 × 10^-2^30 = %v", got)
	}
	if got, want := runtime.NewDecimal(-15, math.MaxInt).String(), "-"+strings.Repeat("9", 64)+strings.Repeat("0", 64); got != want {
		t.Errorf("-15 × 10^2^30 = %v", got)
	}
}

// FuzzDecimal compares with math/big, and checks that the text of a number is that number.
func FuzzDecimal(f *testing.F) {
	f.Add("0.0015", "1e-6", 7)
	f.Add("1e999999999", "-99.95", 1)
	f.Add("1e127", strings.Repeat("9", 64), -3)
	f.Fuzz(func(t *testing.T, x, y string, places int) {
		a, err := runtime.ParseDecimal(x)
		if err != nil {
			return
		}
		if again, err := runtime.ParseDecimal(a.String()); err != nil || !again.Equal(a) || again.String() != a.String() {
			t.Fatalf("%q is %s, and that is %s, %v", x, a, again, err)
		}
		data, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var decoded runtime.Decimal
		if err := json.Unmarshal(data, &decoded); err != nil || !decoded.Equal(a) {
			t.Fatalf("%s decodes as %s, %v", data, decoded, err)
		}
		b, err := runtime.ParseDecimal(y)
		if err != nil {
			return
		}
		rat := func(d runtime.Decimal) *big.Rat { r, _ := new(big.Rat).SetString(d.String()); return r }
		if got, want := a.Cmp(b), rat(a).Cmp(rat(b)); got != want {
			t.Fatalf("%s.Cmp(%s) = %d", a, b, got)
		}
		for _, d := range []runtime.Decimal{a.Add(b), a.Mul(b), a.Round(places)} {
			if again, err := runtime.ParseDecimal(d.String()); err != nil || !again.Equal(d) {
				t.Fatalf("%s is out of bounds: %v", d, err)
			}
		}
		if product := a.Mul(b); len(a.String())+len(b.String()) < 60 && rat(product).Cmp(new(big.Rat).Mul(rat(a), rat(b))) != 0 {
			t.Fatalf("%s × %s = %s", a, b, product)
		}
		if sum := a.Add(b); len(a.String())+len(b.String()) < 60 && rat(sum).Cmp(new(big.Rat).Add(rat(a), rat(b))) != 0 {
			t.Fatalf("%s + %s = %s", a, b, sum)
		}
	})
}

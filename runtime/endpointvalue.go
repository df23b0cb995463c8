package runtime

import (
	"cmp"
	"math"
	"strconv"
	"strings"
)

// PathValue is a value in the pattern of a path.
type PathValue struct {
	Name string
	Type PathType
	// Min, Max and Digits restrict a number: the bounds are inclusive, and Digits, if not 0, is its
	// length.
	Min, Max Optional[float64]
	Digits   int
}

// PathType is the type of a value in a path.
type PathType int

// The types of values. A PathText is also that of Dify's types path and any.
const (
	PathText PathType = iota
	PathInt
	PathFloat
	PathUUID
)

// PathValues are the values in the path of a request, by name.
type PathValues map[string]any

// Text returns the value of type PathText or PathUUID with that name. A UUID is in lower case.
func (v PathValues) Text(name string) string { return pathValue[string](v, name) }

// Int returns the value of type PathInt with that name.
func (v PathValues) Int(name string) int64 { return pathValue[int64](v, name) }

// Float returns the value of type PathFloat with that name.
func (v PathValues) Float(name string) float64 { return pathValue[float64](v, name) }

func pathValue[T any](v PathValues, name string) T {
	x, _ := v[name].(T)
	return x
}

// convert returns the value that a text of a path is, and false if it is none.
func (v PathValue) convert(text string) (any, bool) {
	switch v.Type {
	case PathInt:
		n, err := strconv.ParseInt(text, 10, 64)
		return n, err == nil && (v.Digits == 0 || len(text) == v.Digits) && v.within(func(bound float64) int { return compareInt(n, bound) })
	case PathFloat:
		f, err := strconv.ParseFloat(text, 64)
		return f, err == nil && v.within(func(bound float64) int { return cmp.Compare(f, bound) })
	case PathUUID:
		return strings.ToLower(text), true
	default:
		return text, true
	}
}

// within reports whether a number is within the bounds, with which compare compares it.
func (v PathValue) within(compare func(bound float64) int) bool {
	if least, ok := v.Min.Get(); ok && compare(least) < 0 {
		return false
	}
	most, ok := v.Max.Get()
	return !ok || compare(most) <= 0
}

// compareInt compares an integer with a float, exactly.
func compareInt(n int64, f float64) int {
	switch {
	case f >= 1<<63:
		return -1
	case f < -1<<63:
		return 1
	}
	whole := math.Trunc(f)
	return cmp.Or(cmp.Compare(n, int64(whole)), cmp.Compare(whole, f))
}

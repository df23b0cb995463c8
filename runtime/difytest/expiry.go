package difytest

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// expiryTest is a way in which a server says when a token expires.
type expiryTest struct {
	name     string // with the name of the member for %s
	behavior Behavior
	want     time.Duration // until then; 0 for any time or never
	isOver   bool          // the token has expired: the flow must have it refreshed soon, or never
}

// usualLifetime is the usual lifetime of a token, and what a flow may assume that cannot read it:
// the other one shows that it can.
const (
	usualLifetime   = time.Hour
	unusualLifetime = 7 * time.Hour
)

var expiryTests = []expiryTest{
	{"%s as a number", Behavior{ExpiresIn: 3600}, usualLifetime, false},
	{"%s as another number", Behavior{ExpiresIn: 25200}, unusualLifetime, false},
	{"%s as text", Behavior{ExpiresIn: "3600"}, usualLifetime, false},
	{"%s as a fraction", Behavior{ExpiresIn: 3600.5}, usualLifetime, false},
	{"no %s", Behavior{NoExpiry: true}, 0, false},
	{"%s 0", Behavior{ExpiresIn: 0}, 0, true},
	{"%s negative", Behavior{ExpiresIn: -1}, 0, true},
	{"%s from a server whose clock is slow", Behavior{ExpiresIn: 3600, ClockSkew: -2 * time.Hour}, usualLifetime, false},
	{"%s from a server whose clock is fast", Behavior{ExpiresIn: 3600, ClockSkew: 2 * time.Hour}, usualLifetime, false},
	{"%s in a form-encoded response", Behavior{ExpiresIn: 3600, FormEncoded: true}, usualLifetime, false},
}

// expiries tests the ways in which servers say when a token expires.
func (f *flow) expiries() {
	f.Helper()
	own := f.test.Behavior.ExpiryMember
	member := "expires_in"
	if len(own) > 0 {
		member = strings.Join(own, ".")
	}
	for _, e := range expiryTests {
		if f.test.Behavior.NoExpiry || e.behavior.FormEncoded && len(own) > 1 { // forms have no objects
			continue
		}
		e.name = fmt.Sprintf(e.name, member)
		f.reset(e.behavior)
		if g, ok := f.connect(e.name); ok {
			f.expiry(e, g.ExpiresAt)
		}
	}
}

// expiry checks when the flow says that a token expires, in Unix seconds, or -1 for never.
func (f *flow) expiry(e expiryTest, at int64) {
	f.Helper()
	const soon, tolerance = 10 * time.Minute, 10 * time.Minute
	left := time.Until(time.Unix(at, 0))
	unit := time.Second
	if left > soon {
		unit = time.Minute
	}
	said := fmt.Sprintf("that the token expires in %v", left.Round(unit))
	if at == -1 {
		said = "that the token never expires"
	}
	switch {
	case e.want > 0 && (at == -1 || (left-e.want).Abs() > tolerance):
		f.Errorf("%s: the flow says %s, but the server said %v: %s", e.name, said, e.want, f.readExpiry())
	case e.isOver && at != -1 && left > soon:
		f.Errorf("%s: the flow says %s, but the server said that it has expired: %s", e.name, said, f.readExpiry())
	case e.want == 0 && at != -1 && left <= time.Minute:
		f.Errorf("%s: the flow says %s: say at least two minutes, since below one, every use refreshes", e.name, said)
	}
}

// readExpiry says how a flow gets to know when a token expires.
func (f *flow) readExpiry() string {
	own := f.test.Behavior.ExpiryMember
	if len(own) == 0 {
		return "read expires_in or, if the service says it elsewhere, set OAuthTest.Behavior.ExpiryMember to where"
	}
	keys := make([]string, len(own))
	for i, key := range own {
		keys[i] = strconv.Quote(key)
	}
	return "return r.Time(" + strings.Join(keys, ", ") + ") in authcode.Config.Expiry, with the whole path of the member"
}

package authcode

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// minLifetime replaces shorter lifetimes: Dify refreshes a token that expires
	// within a minute on every use.
	minLifetime = 2 * time.Minute
	// maxLifetime is the lifetime from which a token counts as never expiring.
	maxLifetime = 100 * 365 * 24 * time.Hour
	// usualLifetime is that of a token with a refresh token, if nothing says how long it lasts.
	usualLifetime = time.Hour
	// maxExpired is how long ago a token may have expired when it arrives, since clocks differ.
	maxExpired = 24 * time.Hour
)

// The members that say when a token expires. Those that say how long it lasts come first:
// for them, the clock of the server does not matter.
var (
	lifetimeNames = []string{"expires_in", "expiresIn", "expire_in", "expireIn"}
	expiryNames   = []string{
		"expires", "expire", "expires_at", "expiresAt", "expire_at", "expireAt", "expires_on", "expiresOn", "expiration", "expiry",
	}
)

// saidExpiry returns when the access token expires by what the response says under the usual
// names, or the zero time if it does not say.
func (r TokenResponse) saidExpiry() (time.Time, error) {
	values := unwrapped(r.values())
	for _, object := range []any{values, values["data"]} {
		members, _ := object.(map[string]any)
		for i, name := range slices.Concat(lifetimeNames, expiryNames) {
			v := members[name]
			if _, isFlag := v.(bool); isFlag {
				continue // whether it expires
			}
			if t, err := parseExpiry(v, r.received, i < len(lifetimeNames)); err != nil || !t.IsZero() {
				return t, err
			}
		}
	}
	return time.Time{}, nil
}

// expiry returns when the access token expires by what the author's function says or, if there
// is none or it returns the zero time, as saidExpiry. With the function, what makes no sense
// under the usual names does not count.
func (r TokenResponse) expiry(own func(TokenResponse) (time.Time, error)) (time.Time, error) {
	if own == nil {
		return r.saidExpiry()
	}
	if t, err := own(r); err != nil || !t.IsZero() {
		return t, err
	}
	if t, err := r.saidExpiry(); err == nil {
		return t, nil
	}
	return time.Time{}, nil
}

// expiryRule is what applies to an expiry apart from what the response says.
type expiryRule struct {
	lifetime    time.Duration // if the response does not say; 0 for the usual
	lasting     bool          // if it does not say, forever
	refreshable bool          // there is a refresh token
}

// apply returns when Dify must refresh, or the zero time for never, by what a response that was
// received at some time said.
func (rule expiryRule) apply(said, received time.Time) time.Time {
	switch {
	case !said.IsZero():
	case rule.lifetime > 0:
		said = received.Add(rule.lifetime)
	case rule.refreshable && !rule.lasting:
		said = received.Add(usualLifetime)
	default:
		return time.Time{}
	}
	left := said.Sub(received)
	switch {
	case left > maxLifetime:
		return time.Time{}
	case left <= 0 && !rule.refreshable:
		return time.Time{} // it cannot be refreshed, so an expiry would be of no use
	}
	return received.Add(max(left, minLifetime))
}

var errExpiry = errors.New("the token response says in an unknown way when the token expires (set authcode.Config.Expiry)")

// Numbers tell what they are by their size. As seconds, the first of them is 31 years or
// September 2001; the others are the ends of the year 9999 in seconds and in milliseconds.
const (
	minUnix      = 1_000_000_000
	maxUnix      = 253_402_300_799
	maxUnixMilli = maxUnix*1000 + 999
)

// parseExpiry returns the time that a value in a token response says, or the zero time if it
// says nothing, as TokenResponse.Time documents. With isLifetime, a number that cannot be a
// time in the future is a number of seconds also if there are decades of them.
func parseExpiry(v any, now time.Time, isLifetime bool) (time.Time, error) {
	var text string
	switch v := v.(type) {
	case nil:
		return time.Time{}, nil
	case string:
		text = strings.TrimSpace(v)
	case json.Number:
		text = v.String()
	default:
		return time.Time{}, errExpiry
	}
	if text == "" {
		return time.Time{}, nil
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return fromNumber(n, now, isLifetime)
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t, err = http.ParseTime(text)
	}
	if err != nil || now.Sub(t) > maxExpired {
		return time.Time{}, errExpiry
	}
	return t, nil
}

// fromNumber returns the time that a number says.
func fromNumber(n float64, now time.Time, isLifetime bool) (time.Time, error) {
	oldest := float64(now.Add(-maxExpired).Unix())
	switch {
	case math.IsNaN(n) || n < -maxExpired.Seconds() || n > maxUnixMilli:
		return time.Time{}, errExpiry
	case n < minUnix, n < oldest && isLifetime:
		return now.Add(time.Duration(n) * time.Second), nil
	case n > maxUnix:
		n /= 1000
	}
	if n < oldest {
		return time.Time{}, errExpiry
	}
	return time.Unix(int64(n), 0), nil
}

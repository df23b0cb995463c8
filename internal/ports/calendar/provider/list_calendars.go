package calendar

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// ListCalendars lists the calendars of the account.
func (p *Provider) ListCalendars(ctx context.Context, call *ListCalendarsCall, out *ListCalendarsOutput) error {
	var found struct {
		Items []struct {
			ID, Summary, AccessRole, TimeZone string
			Primary                           bool
		}
	}
	if err := p.call(ctx, call.Credentials, http.MethodGet, "/users/me/calendarList", nil, &found); err != nil {
		return err
	}
	var text strings.Builder
	calendars := make([]ListCalendarsCalendarsItem, len(found.Items))
	for i, c := range found.Items {
		calendars[i] = ListCalendarsCalendarsItem{ID: c.ID, Summary: c.Summary, AccessRole: c.AccessRole, TimeZone: c.TimeZone, Primary: c.Primary}
		fmt.Fprintf(&text, "%s (ID: %s, access: %s, time zone: %s)\n", c.Summary, c.ID, c.AccessRole, c.TimeZone)
	}
	return errors.Join(
		out.Text(text.String()),
		out.JSON(calendars),
		out.SetCalendars(calendars),
		out.SetTotalCount(int64(len(calendars))),
	)
}

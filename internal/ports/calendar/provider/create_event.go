package calendar

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/difygen/difygen/runtime"
)

// CreateEvent adds an event to a calendar.
func (p *Provider) CreateEvent(ctx context.Context, call *CreateEventCall, out *CreateEventOutput) error {
	params := call.Parameters
	e := event{Summary: params.Title, Description: params.Description, Location: params.Location}
	if params.Visibility != VisibilityDefault {
		e.Visibility = params.Visibility
	}
	var err error
	if e.Start, e.End, err = span(params); err != nil {
		return err
	}
	for _, a := range params.Attendees {
		email, ok := a.(string)
		if !ok {
			return runtime.Invalid("attendees", "Attendees", "must be a list of e-mail addresses")
		}
		e.Attendees = append(e.Attendees, attendee{Email: email})
	}
	query := "?sendNotifications=" + strconv.FormatBool(params.SendNotifications)
	var created event
	if err := p.call(ctx, call.Credentials, http.MethodPost, path(params.CalendarID)+query, e, &created); err != nil {
		return err
	}
	result := created.output()
	return errors.Join(
		out.Text(fmt.Sprintf("created %s, from %s to %s", created.Summary, created.Start, created.End)),
		out.JSON(result),
		out.Link(created.HTMLLink),
		out.SetEvent(result),
		out.SetEventID(created.ID),
		out.SetHTMLLink(created.HTMLLink),
	)
}

// span returns the start and end of an event.
func span(params CreateEventParameters) (start, end moment, err error) {
	if day, err := time.Parse(time.DateOnly, params.StartTime); err == nil {
		end := day.AddDate(0, 0, 1).Format(time.DateOnly)
		if params.EndTime != "" {
			end = params.EndTime
		}
		return moment{Date: params.StartTime}, moment{Date: end}, nil
	}
	from, err := time.Parse(time.RFC3339, params.StartTime)
	if err != nil {
		return start, end, runtime.Invalid("start_time", "Start", "must be a time such as 2026-05-01T09:00:00Z, or a date such as 2026-05-01")
	}
	until := params.EndTime
	if until == "" {
		until = from.Add(time.Hour).Format(time.RFC3339)
	}
	return moment{DateTime: params.StartTime, TimeZone: params.TimeZone}, moment{DateTime: until, TimeZone: params.TimeZone}, nil
}

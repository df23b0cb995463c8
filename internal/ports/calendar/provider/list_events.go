package calendar

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// ListEvents lists the events of a calendar in a span of time.
func (p *Provider) ListEvents(ctx context.Context, call *ListEventsCall, out *ListEventsOutput) error {
	params := call.Parameters
	query := url.Values{
		"timeMin": {params.TimeMin}, "timeMax": {params.TimeMax}, "maxResults": {strconv.FormatInt(params.MaxResults, 10)},
		"showDeleted": {strconv.FormatBool(params.ShowDeleted)}, "singleEvents": {strconv.FormatBool(params.SingleEvents)},
	}
	if params.SingleEvents || params.OrderBy != OrderByStartTime { // only single events can be sorted by their start
		query.Set("orderBy", string(params.OrderBy))
	}
	found, err := p.events(ctx, call.Credentials, params.CalendarID, query)
	if err != nil {
		return err
	}
	var text strings.Builder
	list := make([]ListEventsEventsItem, len(found.Items))
	for i, e := range found.Items {
		fmt.Fprintf(&text, "%s to %s: %s\n", e.Start, e.End, e.Summary)
		list[i] = e.output()
	}
	return errors.Join(
		out.Text(text.String()),
		out.JSON(list),
		out.SetEvents(list),
		out.SetTotalCount(int64(len(list))),
		out.SetNextPageToken(found.NextPageToken),
	)
}

package calendar

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// SearchEvents finds the events of a calendar that contain some words.
func (p *Provider) SearchEvents(ctx context.Context, call *SearchEventsCall, out *SearchEventsOutput) error {
	params := call.Parameters
	found, err := p.events(ctx, call.Credentials, params.CalendarID, url.Values{
		"q": {params.Query}, "timeMin": {params.TimeMin}, "timeMax": {params.TimeMax}, "maxResults": {strconv.FormatInt(params.MaxResults, 10)},
		"singleEvents": {"true"}, "orderBy": {"startTime"},
	})
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

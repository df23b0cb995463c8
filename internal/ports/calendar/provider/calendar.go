// Package calendar reads and plans events.
package calendar

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/authcode"
)

// Provider connects Calendar. New returns one.
type Provider struct {
	*authcode.Flow[OAuthClient, OAuthCredentials]

	service Service
}

// If Provider lacks a method, the compiler reports it here.
var (
	_ CredentialsValidator = (*Provider)(nil)
	_ OAuthFlow            = (*Provider)(nil)
	_ Tools                = (*Provider)(nil)
)

// ValidateCredentials asks for the main calendar.
func (p *Provider) ValidateCredentials(ctx context.Context, creds Credentials) error {
	return p.call(ctx, creds, http.MethodGet, "/calendars/primary", nil, nil)
}

// call asks the service.
func (p *Provider) call(ctx context.Context, creds AnyCredentials, method, path string, body, result any) error {
	req, err := runtime.NewJSONRequest(ctx, method, cmp.Or(p.service.APIURL, "https://api.calendar.example/v3")+path, body)
	if err != nil {
		return err
	}
	switch creds := creds.(type) {
	case Credentials:
		req.Header.Set("X-Api-Key", creds.APIKey.Reveal())
	case OAuthCredentials:
		req.Header.Set("Authorization", "Bearer "+creds.AccessToken.Reveal())
	}
	err = runtime.DoJSON(p.service.HTTPClient, req, result)
	switch runtime.StatusCode(err) {
	case http.StatusUnauthorized:
		return errors.New("the service does not accept the credentials any more: authorize again")
	case http.StatusForbidden:
		return errors.New("the credentials do not allow this")
	case http.StatusNotFound:
		return errors.New("there is no such calendar")
	}
	return err
}

// event is an event of the service.
type event struct {
	ID          string     `json:"id,omitempty"`
	Summary     string     `json:"summary"`
	Description string     `json:"description,omitempty"`
	Location    string     `json:"location,omitempty"`
	Status      string     `json:"status,omitempty"`
	HTMLLink    string     `json:"htmlLink,omitempty"`
	Visibility  Visibility `json:"visibility,omitempty"`
	Start       moment     `json:"start"`
	End         moment     `json:"end"`
	Attendees   []attendee `json:"attendees,omitempty"`
}

// output is the event as tools send it.
func (e *event) output() ListEventsEventsItem {
	item := ListEventsEventsItem{
		ID: e.ID, Title: e.Summary, Description: e.Description, Location: e.Location, Status: e.Status,
		StartTime: e.Start.String(), EndTime: e.End.String(), AllDay: e.Start.Date != "", HTMLLink: e.HTMLLink,
	}
	for _, a := range e.Attendees {
		item.Attendees = append(item.Attendees, ListEventsEventsItemAttendeesItem(a))
	}
	return item
}

// moment is a time, or a date of an event that takes all day.
type moment struct {
	Date     string `json:"date,omitempty"`
	DateTime string `json:"dateTime,omitempty"`
	TimeZone string `json:"timeZone,omitempty"`
}

func (m moment) String() string { return cmp.Or(m.DateTime, m.Date) }

type attendee struct {
	Email          string `json:"email"`
	DisplayName    string `json:"displayName,omitempty"`
	ResponseStatus string `json:"responseStatus,omitempty"`
	Optional       bool   `json:"optional,omitempty"`
}

// events is a page of events.
type events struct {
	Items         []event
	NextPageToken string
}

// events returns events of a calendar.
func (p *Provider) events(ctx context.Context, creds AnyCredentials, calendar string, query url.Values) (found events, err error) {
	for name, values := range query {
		if values[0] == "" {
			delete(query, name)
		}
	}
	err = p.call(ctx, creds, http.MethodGet, path(calendar)+"?"+query.Encode(), nil, &found)
	return found, err
}

func path(calendar string) string { return "/calendars/" + url.PathEscape(calendar) + "/events" }

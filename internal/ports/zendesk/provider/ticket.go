package zendesk

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// ticketWebhook is a webhook about a ticket.
type ticketWebhook[Event any] struct {
	Ticket TicketCreatedTicket `json:"detail"`
	Event  Event               `json:"event"`
}

// change is what has happened to a field.
type change struct {
	Previous runtime.Optional[string] `json:"previous"`
	Current  runtime.Optional[string] `json:"current"`
}

// comment is what someone has written.
type comment struct {
	Comment TicketCommentCreatedComment `json:"comment"`
}

type (
	// TicketCreatedPayload is what Dispatch passes on to TicketCreated.
	TicketCreatedPayload = ticketWebhook[struct{}]
	// TicketMarkedAsSpamPayload is what Dispatch passes on to TicketMarkedAsSpam.
	TicketMarkedAsSpamPayload = ticketWebhook[struct{}]
	// TicketStatusChangedPayload is what Dispatch passes on to TicketStatusChanged.
	TicketStatusChangedPayload = ticketWebhook[change]
	// TicketPriorityChangedPayload is what Dispatch passes on to TicketPriorityChanged.
	TicketPriorityChangedPayload = ticketWebhook[change]
	// TicketCommentCreatedPayload is what Dispatch passes on to TicketCommentCreated.
	TicketCommentCreatedPayload = ticketWebhook[comment]
)

// TicketCreated makes the variables of the event Ticket created.
func (p *Provider) TicketCreated(_ context.Context, call *TicketCreatedCall) (TicketCreatedVariables, error) {
	ticket, want := &call.Payload.Ticket, &call.Parameters
	if !chosen(want.Status, ticket.Status) || !chosen(want.Priority, ticket.Priority.Or("")) || !chosen(want.Type, ticket.Type.Or("")) ||
		!hasAll(want.Tags, ticket.Tags) || !hasAny(want.SubjectContains, ticket.Subject.Or("")) ||
		!hasAny(want.DescriptionContains, ticket.Description.Or("")) {
		return TicketCreatedVariables{}, runtime.ErrIgnore
	}
	return TicketCreatedVariables{Ticket: *ticket}, nil
}

// TicketMarkedAsSpam makes the variables of the event Ticket marked as spam.
func (p *Provider) TicketMarkedAsSpam(_ context.Context, call *TicketMarkedAsSpamCall) (TicketMarkedAsSpamVariables, error) {
	ticket, want := &call.Payload.Ticket, &call.Parameters
	if !chosen(want.Status, ticket.Status) || !chosen(want.Priority, ticket.Priority.Or("")) || !hasAll(want.Tags, ticket.Tags) {
		return TicketMarkedAsSpamVariables{}, runtime.ErrIgnore
	}
	return TicketMarkedAsSpamVariables{Ticket: *ticket}, nil
}

// TicketStatusChanged makes the variables of the event Status of a ticket changed.
func (p *Provider) TicketStatusChanged(_ context.Context, call *TicketStatusChangedCall) (TicketStatusChangedVariables, error) {
	event, want := &call.Payload.Event, &call.Parameters
	if !chosen(want.FromStatus, event.Previous.Or("")) || !chosen(want.ToStatus, event.Current.Or("")) {
		return TicketStatusChangedVariables{}, runtime.ErrIgnore
	}
	return TicketStatusChangedVariables{Ticket: call.Payload.Ticket, Previous: event.Previous, Current: event.Current}, nil
}

// TicketPriorityChanged makes the variables of the event Priority of a ticket changed.
func (p *Provider) TicketPriorityChanged(_ context.Context, call *TicketPriorityChangedCall) (TicketPriorityChangedVariables, error) {
	event, want := &call.Payload.Event, &call.Parameters
	if !chosen(want.FromPriority, event.Previous.Or("")) || !chosen(want.ToPriority, event.Current.Or("")) {
		return TicketPriorityChangedVariables{}, runtime.ErrIgnore
	}
	return TicketPriorityChangedVariables{Ticket: call.Payload.Ticket, Previous: event.Previous, Current: event.Current}, nil
}

// TicketCommentCreated makes the variables of the event Comment on a ticket.
func (p *Provider) TicketCommentCreated(_ context.Context, call *TicketCommentCreatedCall) (TicketCommentCreatedVariables, error) {
	comment, want := &call.Payload.Event.Comment, &call.Parameters
	if want.Visibility != VisibilityAny && comment.IsPublic != (want.Visibility == VisibilityPublic) || !hasAny(want.BodyContains, comment.Body) {
		return TicketCommentCreatedVariables{}, runtime.ErrIgnore
	}
	return TicketCommentCreatedVariables{Comment: *comment, Ticket: call.Payload.Ticket}, nil
}

package host

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// Serverless is a host that calls a plugin over HTTP.
type Serverless struct {
	*transactions
	url    string
	client *http.Client
}

// NewServerless returns a host for the plugin that listens on addr. It answers no calls back:
// for those, see Daemon.
func NewServerless(addr string) *Serverless { return newServerless(addr, newTransactions(nil)) }

func newServerless(addr string, t *transactions) *Serverless {
	return &Serverless{t, "http://" + addr, &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}}
}

// Close closes idle connections.
func (s *Serverless) Close() { s.client.CloseIdleConnections() }

// Do sends a request and waits for its complete response.
func (s *Serverless) Do(ctx context.Context, req Request) (*Response, error) {
	id := "session-" + strconv.FormatInt(s.lastID.Add(1), 10)
	body, err := req.line(id)
	if err != nil {
		return nil, err
	}
	status, response, err := s.Post(ctx, req.Action, id, body)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("status %d", status)
	}
	return response, err
}

// Call is Do for a request that says nothing about who sends it.
func (s *Serverless) Call(ctx context.Context, typ, action string, fields map[string]any) (*Response, error) {
	return s.Do(ctx, Request{Type: typ, Action: action, Fields: fields})
}

// Post sends body unchanged as a request.
func (s *Serverless) Post(ctx context.Context, action, id string, body []byte) (status int, response *Response, err error) {
	c := newCall(typeOf(body), action)
	c.response.Session = id
	s.begin(id, c)
	defer s.end(id, c)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/invoke?action="+action, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "text/event-stream")
	if id != "" {
		req.Header.Set("Dify-Plugin-Session-ID", id)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		_, _ = io.Copy(io.Discard, resp.Body)
		return resp.StatusCode, nil, nil
	}
	if err := s.readResponse(resp.Body, id, c); err != nil {
		return resp.StatusCode, nil, err
	}
	return resp.StatusCode, &c.response, nil
}

// readResponse reads the lines of a response to the request with that ID.
func (s *Serverless) readResponse(body io.Reader, id string, c *call) error {
	ended := false
	for in := bufio.NewReader(body); ; {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			switch {
			case len(line) > MaxLine || json.Unmarshal(line, &e) != nil || e.Event != "session" || e.SessionID == nil:
				s.add("a line at which the host stops reading: %.100q", line)
			case ended:
				s.add("a message after the end")
			case *e.SessionID != id:
				s.add("a message for another session")
			case e.Data.Type == "invoke":
				s.add("a call back into Dify in a response, for which the host ends the session: serverless_event_not_supported")
			default:
				ended = c.receive(&e, &s.faults)
			}
		}
		switch {
		case err == io.EOF && !ended:
			s.add("a response without an end")
			return nil
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

// Healthy checks the plugin's health.
func (s *Serverless) Healthy(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/health", http.NoBody)
	if err != nil {
		return err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 100))
	if err == nil && (resp.StatusCode != http.StatusOK || string(body) != "OK") {
		err = fmt.Errorf("the health check returns status %d, %q", resp.StatusCode, body)
	}
	return err
}

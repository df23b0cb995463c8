package difyhost

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
)

// Serverless calls a plugin over HTTP.
type Serverless struct {
	faults
	url    string
	client *http.Client
	lastID atomic.Int64
}

// NewServerless calls the plugin that listens at an address.
func NewServerless(addr string) *Serverless {
	return &Serverless{url: "http://" + addr, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}}
}

// Close closes idle connections.
func (s *Serverless) Close() { s.client.CloseIdleConnections() }

// Call sends a request and waits for the end of its answer.
func (s *Serverless) Call(ctx context.Context, typ, action string, fields map[string]any) (*Answer, error) {
	id := "session-" + strconv.FormatInt(s.lastID.Add(1), 10)
	body, err := newRequest(id, typ, action, fields)
	if err != nil {
		return nil, err
	}
	status, answer, err := s.Post(ctx, action, id, body)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("status %d", status)
	}
	return answer, err
}

// Post sends bytes as the body of a request.
func (s *Serverless) Post(ctx context.Context, action, id string, body []byte) (status int, answer *Answer, err error) {
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
	c, ended := new(call), false
	in := bufio.NewReader(resp.Body)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			switch {
			case len(line) > MaxLine || json.Unmarshal(line, &e) != nil || e.Event != "session" || e.SessionID == nil:
				s.add("a line that ends a serverless answer: %.100q", line)
			case ended:
				s.add("a message after the end")
			case *e.SessionID != id:
				s.add("a message about another session")
			default:
				ended = c.take(&e, &s.faults)
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return resp.StatusCode, nil, err
		}
	}
	if !ended {
		s.add("an answer without its end")
	}
	return resp.StatusCode, &c.answer, nil
}

// Healthy asks for the plugin's health.
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
		err = fmt.Errorf("health is %d %q", resp.StatusCode, body)
	}
	return err
}

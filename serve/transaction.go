package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/difygen/difygen/internal/callback"
)

const (
	// transactionPath is where a host takes calls of a serverless plugin.
	transactionPath = "/backwards-invocation/transaction"
	// maxAnswer is how many bytes of an answer are read that refuses a call.
	maxAnswer = 64 << 10
)

// transactions sends calls back into Dify as HTTP requests.
type transactions struct {
	url    string
	logger *slog.Logger
	client *http.Client
}

// newTransactions returns the calls to a host with that URL. Their deadlines are those of contexts.
func newTransactions(host *url.URL, logger *slog.Logger) *transactions {
	return &transactions{host.JoinPath(transactionPath).String(), logger, &http.Client{
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext,
			TLSHandshakeTimeout:    dialTimeout,
			ForceAttemptHTTP2:      true,
			MaxIdleConns:           maxIdleTransactions,
			MaxIdleConnsPerHost:    maxIdleTransactions,
			IdleConnTimeout:        30 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// maxIdleTransactions is how many connections to the host are kept for other calls.
const maxIdleTransactions = 100

func (t *transactions) close() { t.client.CloseIdleConnections() }

// send sends the line of a call, and returns the lines of the response. Its errors do not have the
// host's URL, nor an address; why the host cannot be reached is in the log.
func (t *transactions) send(ctx context.Context, sessionID string, line []byte) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, bytes.NewReader(line))
	if err != nil {
		return nil, errors.New("DIFY_PLUGIN_DAEMON_URL does not make a request") // it has been parsed
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(sessionHeader, sessionID)
	resp, err := t.client.Do(req)
	switch e := (*url.Error)(nil); {
	case err == nil:
	case ctx.Err() != nil:
		return nil, ctx.Err()
	default:
		if errors.As(err, &e) {
			err = e.Err
		}
		t.logger.WarnContext(ctx, errUnreachable.Error(), "error", err)
		return nil, errUnreachable
	}
	if resp.StatusCode == http.StatusOK {
		return resp.Body, nil
	}
	defer resp.Body.Close()
	return nil, refused(resp)
}

var errUnreachable = errors.New("a call back into Dify does not reach the host at DIFY_PLUGIN_DAEMON_URL")

// refused returns the error of a response whose status is not that of success. What the host says is
// not quoted: it may be any server, and say anything.
func refused(resp *http.Response) error {
	var answer struct {
		Data struct {
			Type string `json:"error_type"`
		} `json:"data"`
	}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	switch {
	case json.Unmarshal(body, &answer) == nil && answer.Data.Type == "SessionNotFound":
		return fmt.Errorf("%w: Dify does not know it any more", callback.ErrEnded)
	case resp.StatusCode == http.StatusNotFound:
		return errors.New("the host at DIFY_PLUGIN_DAEMON_URL takes no calls back into Dify (status 404): is it Dify's plugin daemon, in serverless mode?")
	}
	return fmt.Errorf("the host at DIFY_PLUGIN_DAEMON_URL refuses a call back into Dify with status %d", resp.StatusCode)
}

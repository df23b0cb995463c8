package secretleak

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"github.com/difygen/difygen/internal/analyzers/testdata/src/secretleak/helper"
	"github.com/difygen/difygen/internal/analyzers/testdata/src/service"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/datasource"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

type request struct {
	URL, Token string
}

func leaks(ctx context.Context, creds service.Credentials, logger *slog.Logger, l *log.Logger, out *runtime.ToolOutput) error {
	token := creds.AccessToken.Reveal()
	fmt.Println(token)                                                    // want `the text of a secret, from Secret.Reveal, gets into fmt.Println`
	fmt.Fprintf(os.Stderr, "%s\n", token)                                 // want `gets into fmt.Fprintf`
	log.Printf("token %s", creds.AccessToken.Reveal())                    // want `gets into log.Printf`
	l.Print("token " + token)                                             // want `gets into log.Logger.Print`
	slog.InfoContext(ctx, "connect", "token", creds.AccessToken.Reveal()) // want `gets into slog.InfoContext`
	logger.Debug("connect", slog.String("token", token))                  // want `gets into slog.String`
	logger.With("values", creds.Values()).Debug("connect")                // want `from Values, gets into slog.Logger.With`
	println(token)                                                        // want `gets into println`
	header := fmt.Sprintf("Bearer %s", strings.TrimSpace(token))
	slog.Info(header)                                                     // want `gets into slog.Info`
	slog.Info(base64.StdEncoding.EncodeToString([]byte("user:" + token))) // want `gets into slog.Info`
	req := request{URL: "https://service.example", Token: token}
	log.Printf("%+v", req)  // want `gets into log.Printf`
	log.Printf("%+v", &req) // want `gets into log.Printf`
	body, _ := json.Marshal(map[string]any{"token": token})
	log.Printf("%s", body) // want `gets into log.Printf`
	var b strings.Builder
	b.WriteString("key=")
	fmt.Fprintf(&b, "%s", token)
	log.Print(b.String())                   // want `gets into log.Print`
	defer func() { log.Print(token) }()     // want `gets into log.Print`
	debugf("token %s", token)               // want `gets into log.Printf`
	helper.Debug("connect", "token", token) // want `gets into slog.Debug`
	log.Print(bearer(creds.AccessToken))    // want `gets into log.Print`
	if values := creds.Values(); len(values) > 0 {
		log.Print(values["access_token"]) // want `from Values, gets into log.Print`
	}
	if _, err := out.Log(runtime.LogMessage{Label: token}); err != nil { // want `gets into runtime.ToolOutput.Log`
		return err
	}
	if token == "" {
		panic("no token " + token) // want `gets into panic`
	}
	if len(token) > 99 {
		return runtime.Invalid("access_token", "Access token", "must not be "+token) // want `gets into runtime.Invalid`
	}
	if err := errors.New(token); err != nil { // want `gets into errors.New`
		return &runtime.Error{Type: runtime.ErrorInvoke, Err: err}
	}
	return fmt.Errorf("GET %s?key=%s", "https://service.example", token) // want `gets into fmt.Errorf`
}

func later(creds service.Credentials, token string) {
	defer log.Println("key", creds.AccessToken.Reveal())                 // want `gets into log.Println`
	go log.Printf("key %s", creds.AccessToken.Reveal())                  // want `gets into log.Printf`
	defer debugf("key %s", creds.AccessToken.Reveal())                   // want `gets into log.Printf`
	go helper.Debug("key", creds.AccessToken.Reveal())                   // want `gets into slog.Debug`
	defer println(creds.AccessToken.Reveal())                            // want `gets into println`
	defer panic(creds.AccessToken.Reveal())                              // want `gets into panic`
	go func(text string) { log.Print(text) }(creds.AccessToken.Reveal()) // want `gets into log.Print`
	show := func(n int, text string) { log.Print(n, text) }
	show(1, creds.AccessToken.Reveal()) // want `gets into log.Print`
	show(len(creds.AccessToken.Reveal()), "x")
	go show(2, creds.AccessToken.Reveal()) // want `gets into log.Print`
}

func loops(creds service.Credentials) {
	for k, v := range creds.Values() {
		log.Println(k)
		log.Println(k, v) // want `from Values, gets into log.Println`
	}
	for k := range creds.Values() {
		log.Println(k)
	}
	dump(creds.Values()) // want `from Values, gets into log.Printf`
	for _, header := range map[string]string{"Authorization": "Bearer " + creds.AccessToken.Reveal()} {
		log.Print(header) // want `gets into log.Print`
	}
	for _, r := range map[string]request{"a": {URL: "u", Token: creds.AccessToken.Reveal()}} {
		log.Print(r.URL)
		log.Print(r.Token) // want `gets into log.Print`
	}
	for _, text := range [2]string{"x", creds.AccessToken.Reveal()} {
		log.Print(text) // want `gets into log.Print`
	}
	for i, letter := range creds.AccessToken.Reveal() {
		log.Print(i, letter)
	}
}

func dump(values map[string]any) { // want dump:`prints: \[0\] \[log.Printf\]`
	for k, v := range values {
		log.Printf("%s=%v", k, v)
	}
}

func debugf(format string, args ...any) { log.Printf("plugin: "+format, args...) } // want debugf:`prints: \[0 1\]`

func bearer(s runtime.Secret) string { return "Bearer " + s.Reveal() }

func responds(w http.ResponseWriter, creds service.Credentials) {
	token := creds.AccessToken.Reveal()
	w.Header().Set("X-Token", token)                             // want `gets into http.Header.Set`
	http.Error(w, "want "+token, http.StatusUnauthorized)        // want `from Secret.Reveal, gets into http.Error`
	fmt.Fprintf(w, "token=%s", token)                            // want `gets into fmt.Fprintf`
	io.WriteString(w, token)                                     // want `gets into io.WriteString`
	w.Write([]byte(token))                                       // want `gets into http.ResponseWriter.Write`
	json.NewEncoder(w).Encode(map[string]string{"token": token}) // want `gets into json.Encoder.Encode`
	json.NewEncoder(w).Encode(struct{ Known bool }{token != ""}) // no text
	answer(w, "token: "+token)                                   // want `gets into io.WriteString`
}

func answer(w http.ResponseWriter, text string) { io.WriteString(w, text) } // want answer:`prints: \[1\] \[io.WriteString\]`

type cursor struct{ After, Token string }

func gives(creds service.Credentials, pages *datasource.CrawlOutput, page *datasource.PageContentOutput, folder *datasource.BrowseOutput, file *datasource.DownloadOutput) []datasource.Workspace {
	token := creds.AccessToken.Reveal()
	pages.AddPage(datasource.WebPage{SourceURL: "https://service.example/?key=" + token, Content: "x"}) // want `gets into datasource.CrawlOutput.AddPage`
	pages.AddPage(datasource.WebPage{SourceURL: "https://service.example/", Content: "x"})
	page.SetContent("Authorization: " + token)                   // want `gets into datasource.PageContentOutput.SetContent`
	page.Variable("content", token)                              // want `gets into datasource.PageContentOutput.Variable`
	folder.AddFile(datasource.File{ID: "a?" + token, Name: "a"}) // want `gets into datasource.BrowseOutput.AddFile`
	folder.SetNextPage(cursor{"a", token})                       // want `gets into datasource.BrowseOutput.SetNextPage`
	folder.SetNextPage(cursor{After: "a"})
	file.File([]byte(token), datasource.FileMeta{Name: "a.txt"}) // want `gets into datasource.DownloadOutput.File`
	icon := "https://service.example/icon?key=" + token
	return []datasource.Workspace{{ID: "w", Icon: icon, Pages: []datasource.Page{{ID: "p", Icon: &datasource.Icon{URL: icon}}}}} // want `gets into the field Icon of a document` `gets into the field URL of a document`
}

// What follows is right.

func right(ctx context.Context, w http.ResponseWriter, creds service.Credentials) error {
	token := creds.AccessToken.Reveal()
	log.Print(creds, creds.AccessToken, &creds)
	slog.Info("connect", "token", creds.AccessToken, "length", len(token), "known", token != "", "end", token[max(0, len(token)-4):])
	log.Print(creds.Values()["server_url"], helper.Length(token))
	fmt.Fprintf(w, "token known: %t", token != "")
	var b strings.Builder
	fmt.Fprintf(&b, "key=%s", token)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://service.example", strings.NewReader(b.String()))
	if err != nil {
		return fmt.Errorf("cannot make a request: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	log.Print(req.URL)
	token = "[hidden]"
	log.Print(token, label("x"), label2(token))
	_ = label(creds.AccessToken.Reveal())
	sent := request{URL: "u", Token: creds.AccessToken.Reveal()}
	log.Print(sent.URL, map[string]request{"a": sent}["a"].URL)
	return errors.New("the token is wrong")
}

func label(s string) string { return "<" + s + ">" }

func label2(s string) string {
	for len(s) > 3 {
		s = label2(s[1:])
	}
	return s
}

type typed[T any] struct{ v T }

func (t typed[T]) show(creds service.Credentials) {
	log.Print(t.v)
	log.Print(creds.AccessToken.Reveal()) // want `gets into log.Print`
}

// Of what json.Marshal returns, the error has no text of the secret.
func encoded(creds service.Credentials) ([]byte, error) {
	body, err := json.Marshal(struct{ Token string }{creds.AccessToken.Reveal()})
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	log.Printf("%s", body) // want `gets into log.Printf`
	return body, nil
}

func redacted(creds service.Credentials, err error) error {
	token := creds.AccessToken.Reveal()
	log.Print(strings.TrimPrefix(err.Error(), token), strings.Trim(err.Error(), token))
	log.Printf("%s", bytes.ReplaceAll([]byte(err.Error()), []byte(token), []byte("***")))
	log.Print(strings.Replace("key="+token, token, "***", -1), redact("key="+token, token))
	logRedacted("key="+token, token)
	if redactedError(err, token) != nil {
		return redactedError(err, token)
	}
	log.Print(strings.TrimPrefix("Bearer "+token, "Bearer ")) // want `gets into log.Print`
	log.Print(strings.ReplaceAll("key="+token, "key=", ""))   // want `gets into log.Print`
	log.Print(strings.ReplaceAll("key=%", "%", token))        // want `gets into log.Print`
	logRedacted(token, "x")                                   // the text that it replaces may be all of it
	return errors.New(strings.ReplaceAll(err.Error(), token, "***"))
}

func redact(text, token string) string { return strings.ReplaceAll(text, token, "***") }

func redactedError(err error, token string) error {
	return errors.New(strings.ReplaceAll(err.Error(), token, "***"))
}

func logRedacted(text, token string) { log.Print(strings.ReplaceAll(text, token, "***")) }

type redactor struct {
	w     io.Writer
	token string
}

func (r *redactor) Write(p []byte) (int, error) {
	_, err := r.w.Write(bytes.ReplaceAll(p, []byte(r.token), []byte("***")))
	return len(p), err
}

func setUp(creds service.Credentials) {
	w := &redactor{os.Stderr, creds.AccessToken.Reveal()}
	log.SetOutput(w)
	log.New(w, "plugin: ", 0).Print("start")
	slog.SetDefault(slog.New(slog.NewTextHandler(w, nil)))
	slog.SetDefault(slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{AddSource: true})))
	log.SetPrefix(creds.AccessToken.Reveal())              // want `gets into log.SetPrefix`
	log.New(w, creds.AccessToken.Reveal(), 0).Print("end") // want `gets into log.New`
}

func ask(ctx context.Context, creds service.Credentials, storage invoke.Storage) ([]llm.Message, error) {
	messages := []llm.Message{
		llm.System("The key is " + creds.AccessToken.Reveal()),            // want `gets into llm.System`
		llm.ToolResult(llm.ToolCall{ID: "1"}, creds.AccessToken.Reveal()), // want `gets into llm.ToolResult`
		llm.User("Is there a key?"),
	}
	// The storage is the plugin's own.
	return messages, storage.Set(ctx, "key", []byte(creds.AccessToken.Reveal()))
}

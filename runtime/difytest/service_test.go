package difytest_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/host"
	"github.com/difygen/difygen/runtime"
	"github.com/difygen/difygen/runtime/difytest"
	"github.com/difygen/difygen/runtime/invoke"
	"github.com/difygen/difygen/runtime/llm"
)

const allServices = "Apps, LLM, Moderation, Nodes, Rerank, Speech, Storage, Summary, TextEmbedding, Tools, Transcription, Upload"

const denied = "permission denied, you need to enable "

// TestServices checks that the calls of every type are those of exactly one service.
func TestServices(t *testing.T) {
	t.Parallel()
	dify := difytest.NewDify(t)
	dify.Refuse()
	for _, typ := range host.Types() {
		got := ask(dify.Context(t.Context()), typ, map[string]any{})
		if refused := strings.HasPrefix(got, denied); refused != (typ != "upload_file") {
			t.Errorf("%s: %s", typ, got)
		}
	}
	var got []string
	for name := range strings.SplitSeq(allServices, ", ") {
		for _, c := range dify.Calls(difytest.Service(name)) {
			got = append(got, c.Type)
		}
	}
	slices.Sort(got)
	if diff := gocmp.Diff(host.Types(), got); diff != "" {
		t.Errorf("types of all services (-want +got):\n%s", diff)
	}
}

// TestServicesAreDocumented checks the table of docs/testing.md against the calls that each service has.
func TestServicesAreDocumented(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../../docs/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	dify := difytest.NewDify(t)
	dify.Refuse()
	for _, typ := range host.Types() {
		ask(dify.Context(t.Context()), typ, map[string]any{})
	}
	_, table, _ := strings.Cut(string(document), "| service | types of calls |")
	table, _, _ = strings.Cut(table, "\n\n")
	service, documented := "", make(map[string][]string)
	for _, row := range regexp.MustCompile("(?m)^\\| (?:`(\\w+)`)? ?\\| ([^|]+) \\|").FindAllStringSubmatch(table, -1) {
		service = cmp.Or(row[1], service)
		documented[service] = append(documented[service], strings.Split(strings.ReplaceAll(row[2], "`", ""), ", ")...)
	}
	got := make(map[string][]string)
	for name := range strings.SplitSeq(allServices, ", ") {
		for _, c := range dify.Calls(difytest.Service(name)) {
			got[name] = append(got[name], c.Type)
		}
	}
	sorted := gocmp.Transformer("sorted", func(list []string) string { return strings.Join(slices.Sorted(slices.Values(list)), " ") })
	if diff := gocmp.Diff(got, documented, sorted); diff != "" {
		t.Errorf("services (-has +documented):\n%s", diff)
	}
}

// TestRefusedServices checks which calls are refused together.
func TestRefusedServices(t *testing.T) {
	t.Parallel()
	for service, want := range map[difytest.Service][]string{
		difytest.LLM:           {"llm", "llm_structured_output", "system_summary"},
		difytest.Summary:       {"llm", "llm_structured_output", "system_summary"},
		difytest.TextEmbedding: {"multimodal_embedding", "text_embedding"},
		difytest.Apps:          {"app", "fetch_app"},
	} {
		dify := difytest.NewDify(t)
		dify.Refuse(service)
		var got []string
		for _, typ := range host.Types() {
			if strings.HasPrefix(ask(dify.Context(t.Context()), typ, map[string]any{}), denied) {
				got = append(got, typ)
			}
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("refused with %s (-want +got):\n%s", service, diff)
		}
	}
}

// TestWrongServices checks that a name that Dify does not have fails the test.
func TestWrongServices(t *testing.T) {
	t.Parallel()
	none := func(method, name string) string {
		return "Dify." + method + ": Dify has no service " + name + "; it has " + allServices
	}
	for name, test := range map[string]struct {
		use  func(*difytest.Dify)
		want string
	}{
		"refuse":  {func(d *difytest.Dify) { d.Refuse("model.llm") }, none("Refuse", "model.llm")},
		"upload":  {func(d *difytest.Dify) { d.Refuse(difytest.Upload) }, "Dify.Refuse: Upload needs no permission, so Dify does not refuse it"},
		"silence": {func(d *difytest.Dify) { d.Silence(difytest.LLM, "llm") }, none("Silence", "llm")},
		"calls":   {func(d *difytest.Dify) { d.Calls("text_embedding") }, none("Calls", "text_embedding")},
		"answer": {func(d *difytest.Dify) { d.Answer("LLM", nil) }, "Dify.Answer: Dify has no calls of type LLM; it has those of " +
			strings.Join(host.Types(), ", ")},
	} {
		got, _ := record(t, func(tb testing.TB) {
			tb.Helper()
			test.use(difytest.NewDify(tb))
		})
		if diff := gocmp.Diff([]string{test.want}, got); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", name, diff)
		}
	}
}

// TestSilenceInUnitTest checks that a call of a test of one method times out, too.
func TestSilenceInUnitTest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dify := difytest.NewDify(t)
		dify.Silence(difytest.Storage)
		began := time.Now()
		ctx := dify.Context(t.Context())
		_, err := invoke.ForGeneratedCode(ctx).Storage().Get(ctx, "k")
		if took := time.Since(began); !errors.Is(err, invoke.ErrTimeout) || took != 250*time.Second {
			t.Errorf("got %v after %v", err, took)
		}
	})
}

// told asks a model and returns what it says, and the error.
func told(ctx context.Context) (text string, err error) {
	request := &invoke.LLMRequest{Model: model, Messages: []llm.Message{llm.User("Hi")}}
	for chunk, err := range invoke.ForGeneratedCode(ctx).LLM().Stream(ctx, request) {
		if err != nil {
			return text, err
		}
		text += chunk.Model + ":" + chunk.Text() + " "
	}
	return text, nil
}

// TestModelThatStops checks models that fail or fall silent in the middle of an answer.
func TestModelThatStops(t *testing.T) {
	t.Parallel()
	chunks := difytest.Chunks("Te", "xt")
	for name, test := range map[string]struct {
		answer func(ctx context.Context, yield func(*llm.Chunk, error) bool)
		text   string
		err    string
	}{
		"whole": {func(_ context.Context, yield func(*llm.Chunk, error) bool) {
			_ = yield(chunks[0], nil) && yield(chunks[1], nil)
		}, "m:Te m:xt ", "<nil>"},
		"fails": {func(_ context.Context, yield func(*llm.Chunk, error) bool) {
			_ = yield(chunks[0], nil) && yield(nil, errors.New("overloaded"))
		}, "m:Te ", "read llm model failed: request failed: overloaded"},
		"silent": {func(ctx context.Context, yield func(*llm.Chunk, error) bool) {
			if yield(chunks[0], nil) {
				<-ctx.Done()
			}
		}, "m:Te ", invoke.ErrTimeout.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				dify := difytest.NewDify(t)
				dify.StreamLLM(func(ctx context.Context, r *invoke.LLMRequest) iter.Seq2[*llm.Chunk, error] {
					if r.Messages[0].Text() != "Hi" {
						t.Errorf("asked %v", r)
					}
					return func(yield func(*llm.Chunk, error) bool) { test.answer(ctx, yield) }
				})
				text, err := told(dify.Context(t.Context()))
				if text != test.text || fmt.Sprint(err) != test.err {
					t.Errorf("got %q, %v", text, err)
				}
			})
		})
	}
}

// TestChunksOnTheWire checks that a chunk of Answer needs no model, as one of LLM.
func TestChunksOnTheWire(t *testing.T) {
	t.Parallel()
	dify := difytest.NewDify(t)
	dify.Answer("llm", func(_ context.Context, _ json.RawMessage, reply func(any)) error {
		named := difytest.Chunks(" Bob")[0]
		named.Model = "other"
		reply(difytest.Chunks("Hello")[0])
		reply(named)
		return nil
	})
	if text, err := told(dify.Context(t.Context())); text != "m:Hello other: Bob " || err != nil {
		t.Errorf("got %q, %v", text, err)
	}
}

// TestToolAnswers checks files that Dify has stored, and a tool that is not there.
func TestToolAnswers(t *testing.T) {
	t.Parallel()
	dify := difytest.NewDify(t)
	dify.Tools(func(_ context.Context, r *invoke.ToolRequest, out *difytest.ToolAnswer) error {
		if r.Tool != "draw" {
			return fmt.Errorf("looking: %w", difytest.ErrNoTool)
		}
		out.StoredFile("1", runtime.FileMeta{Name: "a.jpg", MIMEType: "image/jpeg"})
		out.StoredFile("2", runtime.FileMeta{Name: "b.pdf", MIMEType: "application/pdf"})
		out.StoredFile("3", runtime.FileMeta{})
		return nil
	})
	ctx := dify.Context(t.Context())
	run := func(tool string) (*invoke.ToolResult, error) {
		return invoke.ForGeneratedCode(ctx).Tools().Run(ctx, &invoke.ToolRequest{Type: invoke.ToolBuiltin, Provider: "a/b/c", Tool: tool})
	}
	result, err := run("draw")
	if err != nil {
		t.Fatal(err)
	}
	var inputs []any
	for _, f := range result.Files {
		inputs = append(inputs, f.AppInput()["type"])
		f.Meta = nil
	}
	want := []*invoke.ToolFile{
		{Type: "image_link", ID: "1", URL: "/files/tools/1.jpg", Name: "a.jpg", MIMEType: "image/jpeg"},
		{Type: "binary_link", ID: "2", URL: "/files/tools/2.pdf", Name: "b.pdf", MIMEType: "application/pdf"},
		{Type: "binary_link", ID: "3", URL: "/files/tools/3.bin"},
	}
	if diff := gocmp.Diff(want, result.Files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff([]any{"image", "document", "custom"}, inputs); diff != "" {
		t.Errorf("types of inputs (-want +got):\n%s", diff)
	}
	const missing = `invoke tool failed: request failed with status code: 400 and respond with: {"code":"invalid_param","message":"Tool with name paint not found","status":400}`
	var refused *invoke.Error
	if _, err := run("paint"); !errors.As(err, &refused) || refused.Message != missing {
		t.Errorf("got %v", err)
	}
}

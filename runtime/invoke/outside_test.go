package invoke_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/callback"
	"github.com/difygen/difygen/runtime/invoke"
)

// calls are one call of each method of the services.
var calls = map[string]func(context.Context, services) error{
	"Storage.Set":    func(ctx context.Context, s services) error { return s.storage.Set(ctx, "k", nil) },
	"Storage.Get":    func(ctx context.Context, s services) error { _, err := s.storage.Get(ctx, "k"); return err },
	"Storage.Delete": func(ctx context.Context, s services) error { return s.storage.Delete(ctx, "k") },
	"Storage.Exists": func(ctx context.Context, s services) error { _, err := s.storage.Exists(ctx, "k"); return err },
	"Tools.Stream": func(ctx context.Context, s services) error {
		for _, err := range s.tools.Stream(ctx, aTool) {
			return err
		}
		return nil
	},
	"Tools.Run": func(ctx context.Context, s services) error { _, err := s.tools.Run(ctx, aTool); return err },
	"Apps.Chat": func(ctx context.Context, s services) error {
		for _, err := range s.apps.Chat(ctx, &invoke.ChatRequest{AppID: "a", Query: "q"}) {
			return err
		}
		return nil
	},
	"Apps.Workflow": func(ctx context.Context, s services) error {
		for _, err := range s.apps.Workflow(ctx, &invoke.WorkflowRequest{AppID: "a"}) {
			return err
		}
		return nil
	},
	"Apps.Completion": func(ctx context.Context, s services) error {
		for _, err := range s.apps.Completion(ctx, &invoke.CompletionRequest{AppID: "a"}) {
			return err
		}
		return nil
	},
	"Apps.ChatBlocking": func(ctx context.Context, s services) error {
		_, err := s.apps.ChatBlocking(ctx, &invoke.ChatRequest{AppID: "a", Query: "q"})
		return err
	},
	"Apps.WorkflowBlocking": func(ctx context.Context, s services) error {
		_, err := s.apps.WorkflowBlocking(ctx, &invoke.WorkflowRequest{AppID: "a"})
		return err
	},
	"Apps.CompletionBlocking": func(ctx context.Context, s services) error {
		_, err := s.apps.CompletionBlocking(ctx, &invoke.CompletionRequest{AppID: "a"})
		return err
	},
	"Apps.Parameters": func(ctx context.Context, s services) error { _, err := s.apps.Parameters(ctx, "a"); return err },
	"Nodes.ExtractParameters": func(ctx context.Context, s services) error {
		_, err := s.nodes.ExtractParameters(ctx, &invoke.ExtractRequest{
			Model: aModel, Parameters: []invoke.ExtractedParameter{{Name: "n", Type: invoke.ExtractNumber}}, Query: "q",
		})
		return err
	},
	"Nodes.ClassifyQuestion": func(ctx context.Context, s services) error {
		_, err := s.nodes.ClassifyQuestion(ctx, &invoke.ClassifyRequest{Model: aModel, Classes: []invoke.Class{{ID: "1", Name: "N"}}, Query: "q"})
		return err
	},
	"Upload.File": func(ctx context.Context, s services) error {
		_, err := s.upload.File(ctx, "a", "", nil)
		return err
	},
}

type services struct {
	storage invoke.Storage
	tools   invoke.Tools
	apps    invoke.Apps
	nodes   invoke.Nodes
	upload  invoke.Upload
}

func servicesOf(s invoke.Session) services {
	return services{s.Storage(), s.Tools(), s.Apps(), s.Nodes(), s.Upload()}
}

func TestCallsOutsideOfARequest(t *testing.T) {
	for name, call := range calls {
		if err := call(t.Context(), services{}); !errors.Is(err, invoke.ErrOutside) {
			t.Errorf("%s of a zero value: error %v", name, err)
		}
		if err := call(t.Context(), servicesOf(invoke.ForGeneratedCode(t.Context()))); !errors.Is(err, invoke.ErrOutside) {
			t.Errorf("%s with another context: error %v", name, err)
		}
	}
}

// What the session says reaches the author as it is, and a refusal as a typed error.
func TestErrorsOfAllCalls(t *testing.T) {
	for name, call := range calls {
		for _, want := range []error{invoke.ErrTimeout, invoke.ErrOverflow, invoke.ErrEnded} {
			ctx := callback.NewContext(t.Context(), callback.Failing{Err: want})
			if err := call(t.Context(), servicesOf(invoke.ForGeneratedCode(ctx))); !errors.Is(err, want) {
				t.Errorf("%s: error %v, want %v", name, err, want)
			}
		}
		s := servicesOf(newSession(t, refusal("permission denied, you need to enable app access in plugin manifest")))
		var permission *invoke.PermissionError
		err := call(t.Context(), s)
		if !errors.Is(err, invoke.ErrPermission) || !errors.As(err, &permission) || permission.Permission != "resource.permission.app.enabled" {
			t.Errorf("%s: error %v, want one of a permission", name, err)
		}
	}
}

// The texts of the storage mean nothing in other calls.
func TestTextsOfTheStorage(t *testing.T) {
	const text = "load data failed, please check if the key is correct or you have not set it"
	for name, call := range calls {
		err := call(t.Context(), servicesOf(newSession(t, refusal(text))))
		if got, want := errors.Is(err, invoke.ErrNotFound), strings.HasPrefix(name, "Storage."); got != want {
			t.Errorf("%s: error %v matches %v: %t", name, err, invoke.ErrNotFound, got)
		}
	}
}

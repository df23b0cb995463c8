package notimplemented

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/difygen/difygen/internal/analyzers/testdata/src/forge"
	"github.com/difygen/difygen/runtime"
)

type provider struct{}

func (provider) ListIssues(context.Context) error {
	return runtime.ErrNotImplemented // want `ListIssues is not implemented yet`
}

func (provider) Options(context.Context) ([]runtime.Choice, error) {
	if err := errors.New("x"); err != nil {
		return nil, fmt.Errorf("options: %w", runtime.ErrNotImplemented) // want `Options is not implemented yet`
	}
	return nil, nil
}

func (provider) Dispatch(http.ResponseWriter, *http.Request, *forge.DispatchCall, *forge.Dispatcher) error {
	return runtime.ErrNotImplemented // want `Dispatch is not implemented yet`
}

func (provider) Push(context.Context, *forge.PushCall) (forge.PushVariables, error) {
	return forge.PushVariables{}, runtime.ErrNotImplemented // want `Push is not implemented yet`
}

// What follows is right.

func (provider) Tag(context.Context, *forge.PushCall) (forge.PushVariables, error) {
	return forge.PushVariables{}, runtime.ErrIgnore
}

func (p provider) call(ctx context.Context) error {
	err := p.ListIssues(ctx)
	if errors.Is(err, runtime.ErrNotImplemented) || err == runtime.ErrNotImplemented {
		return errors.New("later")
	}
	if err != runtime.ErrNotImplemented && err != nil {
		return fmt.Errorf("issues: %w", err)
	}
	return err
}

var ErrNotImplemented = errors.New("mine")

func (provider) Other() error { return ErrNotImplemented }

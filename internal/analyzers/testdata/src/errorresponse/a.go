package errorresponse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/difygen/difygen/runtime"
)

type client struct{ http *http.Client }

func (c *client) find(ctx context.Context, id string) (string, error) {
	var found struct{ Name string }
	req, err := runtime.NewJSONRequest(ctx, http.MethodGet, "https://service.example/"+id, nil)
	if err != nil {
		return "", err
	}
	if err := runtime.DoJSON(c.http, req, &found); err != nil {
		return "", fmt.Errorf("cannot find %s: %w", id, err)
	}
	return found.Name, nil
}

func (c *client) Find(w http.ResponseWriter, r *http.Request) error {
	name, err := c.find(r.Context(), r.PathValue("id"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError) // want `http.Error shows the text of an error to whoever calls; return the error, or log it`
		return nil
	}
	_, err = io.WriteString(w, name)
	return err
}

func (c *client) Gateway(w http.ResponseWriter, r *http.Request) error {
	name, err := c.find(r.Context(), r.PathValue("id"))
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		http.Error(w, fmt.Sprintf("the service is slow: %v", err), http.StatusGatewayTimeout) // want `http.Error shows`
		return nil
	case err != nil:
		w.WriteHeader(http.StatusBadGateway)
		fmt.Fprintln(w, "the service failed:", err) // want `fmt.Fprintln shows`
		return nil
	}
	_, err = io.WriteString(w, name)
	return err
}

func (c *client) JSON(w http.ResponseWriter, r *http.Request) {
	name, err := c.find(r.Context(), r.PathValue("id"))
	if err != nil {
		json.NewEncoder(w).Encode(map[string]any{"error": err.Error()}) // want `json.Encoder.Encode shows`
		return
	}
	w.Write([]byte(name))
}

// A status of another branch is not that of this one.
func (c *client) Branches(w http.ResponseWriter, r *http.Request) error {
	name, err := c.find(r.Context(), r.PathValue("id"))
	if err != nil {
		if name == "" {
			w.WriteHeader(http.StatusNotFound)
			return nil
		}
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprint(w, err) // want `fmt.Fprint shows`
	}
	return nil
}

func (c *client) Header(w http.ResponseWriter, r *http.Request) error {
	if _, err := c.find(r.Context(), "x"); err != nil {
		w.Header().Set("X-Error", err.Error())          // want `http.Header.Set shows`
		http.Error(w, "see X-Error: "+err.Error(), 500) // want `http.Error shows`
	}
	return nil
}

// What follows is right.

var errBusy = errors.New("there is too much to do")

type status struct{ Code int }

func (s *status) Error() string { return "status " + strconv.Itoa(s.Code) }

func check(id string) error {
	switch {
	case id == "":
		return errors.New("the ID is missing")
	case len(id) > 99:
		return fmt.Errorf("the ID %q is too long", id)
	case id == "busy":
		return errBusy
	}
	return &status{1}
}

type finder interface {
	Find(ctx context.Context, id string) (string, error)
}

func (c *client) Found(w http.ResponseWriter, r *http.Request, find finder) {
	if _, err := find.Find(r.Context(), "x"); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError) // perhaps an error of ours
	}
}

func (c *client) Right(w http.ResponseWriter, r *http.Request) error {
	if err := check(r.PathValue("id")); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable) // an error of ours
		return nil
	}
	var in struct{ Name string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, "send JSON: "+err.Error(), http.StatusBadRequest)
		return nil
	}
	n, err := strconv.Atoi(in.Name)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError) // about what was sent
		return nil
	}
	name, err := c.find(r.Context(), in.Name)
	var e *runtime.StatusError
	switch {
	case errors.As(err, &e):
		http.Error(w, err.Error(), runtime.StatusCode(err)) // the status is the service's
	case r.Context().Err() != nil:
		http.Error(w, r.Context().Err().Error(), http.StatusGatewayTimeout)
	case err != nil:
		http.Error(w, err.Error(), http.StatusNotFound) // what the caller did wrong
	default:
		fmt.Fprint(w, n, name)
	}
	return nil
}

func (c *client) Status(w http.ResponseWriter, r *http.Request) error {
	if _, err := c.find(r.Context(), "x"); err != nil {
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprint(w, err)
	}
	fmt.Println(c.find(r.Context(), "y"))
	return nil
}

func (c *client) Either(w http.ResponseWriter, r *http.Request) error {
	if _, err := c.find(r.Context(), "x"); err != nil {
		if r.Method == http.MethodHead {
			w.WriteHeader(http.StatusBadGateway)
		} else {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprint(w, err) // perhaps what the caller did wrong
	}
	return nil
}

package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	images "github.com/difygen/difygen/internal/ports/images/provider"
	"github.com/difygen/difygen/runtime/difytest"
)

const key = "img-key-1"

// start runs the plugin, and a service whose last request it stores.
func start(t *testing.T) (h *difytest.Host, creds map[string]any, asked *map[string]any) {
	t.Helper()
	asked = new(map[string]any)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+key {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		*asked = nil
		if r.Method == http.MethodPost {
			_ = json.NewDecoder(r.Body).Decode(asked)
		}
		if (*asked)["prompt"] == "forbidden" {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"error":{"message":"not allowed for %s"}}`, key)
			return
		}
		fmt.Fprintf(w, `{"images":[{"b64":%q}],"usage":{"input_tokens":5,"output_tokens":95,"total_tokens":100}}`,
			base64.StdEncoding.EncodeToString([]byte("picture")))
	}))
	t.Cleanup(server.Close)
	return difytest.Start(t, newPlugin(&images.Provider{})), map[string]any{"api_key": key, "base_url": server.URL + "/"}, asked
}

// with returns the least parameters and others.
func with(more map[string]any) map[string]any {
	params := map[string]any{"prompt": "a cat", "quality": "low"}
	maps.Copy(params, more)
	return params
}

func TestGenerate(t *testing.T) {
	t.Parallel()
	h, creds, asked := start(t)
	usage := map[string]any{"input_tokens": 5.0, "output_tokens": 95.0, "total_tokens": 100.0}
	r := h.Tool("generate_image", creds, with(nil))
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	want := &difytest.ToolResult{
		Files:     []difytest.File{{Name: "image-1.png", MIMEType: "image/png", Data: []byte("picture")}},
		Variables: map[string]any{"image_count": 1.0, "usage": usage}, JSON: []any{usage}, Messages: r.Messages,
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	defaults := map[string]any{
		"prompt": "a cat", "quality": "low", "styles": []any{"natural"}, "format": "png", "guidance": 7.5, "n": 1.0,
		"transparent": false, "moderation": true,
	}
	if diff := cmp.Diff(defaults, *asked); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	h, creds, asked := start(t)
	const tool = "Generate an image: "
	for name, test := range map[string]struct {
		params map[string]any
		field  string // of the request to the service
		want   any
		err    string
	}{
		"number as text":      {map[string]any{"count": "3"}, "n", 3.0, ""},
		"space":               {map[string]any{"count": " 3 "}, "n", 3.0, ""},
		"empty number":        {map[string]any{"count": ""}, "n", 1.0, ""},
		"zero":                {map[string]any{"count": 0}, "n", nil, tool + "Images (count) must be at least 1"},
		"above":               {map[string]any{"count": "11"}, "n", nil, tool + "Images (count) must be at most 10"},
		"part":                {map[string]any{"count": 1.5}, "n", nil, tool + "Images (count) must be a whole number"},
		"optional zero":       {map[string]any{"seed": 0}, "seed", 0.0, ""},
		"optional null":       {map[string]any{"seed": nil}, "seed", nil, ""},
		"negative":            {map[string]any{"seed": -1}, "seed", nil, tool + "Seed (seed) must be at least 0"},
		"precision":           {map[string]any{"guidance": "8.25"}, "guidance", nil, tool + "Guidance (guidance) must have at most 1 decimal place"},
		"guidance":            {map[string]any{"guidance": "8.2"}, "guidance", 8.2, ""},
		"guidance zero":       {map[string]any{"guidance": 0}, "guidance", 0.0, ""},
		"no compression":      {map[string]any{"compression": 90}, "compression", nil, ""},
		"compression":         {map[string]any{"compression": 90, "output_format": "webp"}, "compression", 90.0, ""},
		"size":                {map[string]any{"size": "1024x1024"}, "size", "1024x1024", ""},
		"unknown size":        {map[string]any{"size": "huge"}, "size", nil, tool + "Size (size) must be one of auto, 1024x1024, 1536x1024, 1024x1536"},
		"styles":              {map[string]any{"styles": []any{"vivid", "3d"}}, "styles", []any{"vivid", "3d"}, ""},
		"one style":           {map[string]any{"styles": "vivid"}, "styles", []any{"vivid"}, ""},
		"styles in JSON":      {map[string]any{"styles": `["vivid"]`}, "styles", []any{"vivid"}, ""},
		"no styles":           {map[string]any{"styles": []any{}}, "styles", nil, ""},
		"unknown style":       {map[string]any{"styles": []any{"vivid", "cubist"}}, "styles", nil, tool + "Styles (styles) must be a list with any of natural, vivid, line-art, 3d"},
		"checkbox":            {map[string]any{"extras": `["upscale","cut_out"]`}, "extras", []any{"upscale", "cut_out"}, ""},
		"one box":             {map[string]any{"extras": "upscale"}, "extras", []any{"upscale"}, ""},
		"no box":              {map[string]any{"extras": ""}, "extras", nil, ""},
		"boolean as text":     {map[string]any{"moderation": "false"}, "moderation", false, ""},
		"boolean of a model":  {map[string]any{"transparent": "True"}, "transparent", true, ""},
		"not a boolean":       {map[string]any{"transparent": "perhaps"}, "transparent", nil, tool + "Transparent (transparent) must be true or false"},
		"required":            {map[string]any{"quality": nil}, "quality", nil, tool + "Quality (quality) is required"},
		"several":             {map[string]any{"prompt": "", "quality": "best", "count": "x"}, "n", nil, tool + "Prompt (prompt) is required; Quality (quality) must be one of low, medium, high; Images (count) must be a whole number"},
		"of the author":       {map[string]any{"transparent": true, "output_format": "jpeg"}, "n", nil, "JPEG has no transparency: choose another format"},
		"of the service":      {map[string]any{"prompt": "forbidden"}, "n", 1.0, "the service says: not allowed for [redacted]"},
		"a list for a number": {map[string]any{"count": []any{1}}, "n", nil, tool + "Images (count) must be a whole number"},
	} {
		*asked = nil
		r := h.Tool("generate_image", creds, with(test.params))
		got := ""
		if r.Err != nil {
			got = r.Err.Error()
		}
		if got != test.err || strings.Contains(got, key) {
			t.Errorf("%s: got %q\nwant %q", name, got, test.err)
		}
		if diff := cmp.Diff(test.want, (*asked)[test.field]); diff != "" {
			t.Errorf("%s: %s (-want +got):\n%s", name, test.field, diff)
		}
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	h, creds, _ := start(t)
	wrong := maps.Clone(creds)
	wrong["api_key"] = "another-key"
	difytest.TestCredentials(t, h, difytest.CredentialsTest{Valid: creds, Wrong: wrong})
	for address, want := range map[string]string{
		"images.example":     "the URL is not valid: it must be one such as https://api.example.com",
		"http://127.0.0.1:1": "could not reach the service: ",
	} {
		if err := h.Validate(map[string]any{"api_key": key, "base_url": address}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v", address, err)
		}
	}
}

package pathpattern_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/difygen/difygen/internal/pathpattern"
)

func TestDoubts(t *testing.T) {
	text := func(written, meant string) pathpattern.Doubt {
		return pathpattern.Doubt{Problem: written + " is not a value but a text, which the path must have as it is", Meant: meant}
	}
	const dots = "clients leave . and .. out before they send a path; write the path without them"
	const decoded = "paths are decoded before they are compared, so that %2F is none of a request's; write the character that it stands for"
	for pattern, want := range map[string][]pathpattern.Doubt{
		"/items/{id}":                   {text(`"{id}"`, "<id>")},
		"/items/{item-id}.json":         {text(`"{item-id}"`, "<item_id>")},
		"/a/{id:int}/b/{u:uuid}":        {text(`"{id:int}"`, "<int:id>"), text(`"{u:uuid}"`, "<uuid:u>")},
		"/a/{id:[0-9]+}":                {text(`"{id:[0-9]+}"`, "<id>")},
		"/a/{id?}":                      {text(`"{id?}"`, "<id>")},
		"/f/{file...}":                  {text(`"{file...}"`, "<path:file>")},
		"/f/{file:path}":                {text(`"{file:path}"`, "<path:file>")},
		"/f/{*file}":                    {text(`"{*file}"`, "<path:file>")},
		"/items/:id":                    {text(`":id"`, "<id>")},
		"/items/:id.json":               {text(`":id"`, "<id>")},
		"/items/:id?":                   {text(`":id?"`, "<id>")},
		"/items/:1":                     {text(`":1"`, "<name>")},
		"/items/[id]/[...rest]":         {text(`[id]`, "<id>"), text(`[...rest]`, "<path:rest>")},
		"/f/*file":                      {text(`"*file"`, "<path:file>")},
		"/f/*":                          {text(`"*"`, "<path:name>")},
		"/ask?question=a":               {{Problem: "the path of a request ends before ?, where its query starts; leave that out, and read it with r.URL.Query()"}},
		"/ask#top":                      {{Problem: "the path of a request ends before #, and what follows is not sent; leave it out"}},
		"/a%2Fb":                        {{Problem: decoded}},
		"/a/../b":                       {{Problem: dots}},
		"/<id>/.":                       {{Problem: dots}},
		"/":                             nil,
		"/webhooks/whats-app":           nil,
		"/v1/pathdata.json":             nil,
		"/<int:id>/<any('{x}', ':'):y>": nil,
		"/models/<id>:generate":         nil,
		"/models/a:generate":            nil,
		"/.well-known/a..b/...":         nil,
		"/100%/a*b/@me/~x/a[0]":         nil,
	} {
		if _, err := pathpattern.Parse(pattern); err != nil {
			t.Errorf("%s: %v", pattern, err)
		}
		if diff := cmp.Diff(want, pathpattern.Doubts(pattern)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", pattern, diff)
		}
	}
}

package hookpath

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/difygen/difygen/runtime"
)

type itemCall struct {
	runtime.EndpointCall
	ID string
}

func item(w http.ResponseWriter, r *http.Request, call *itemCall) error {
	http.Redirect(w, r, "/items/7", http.StatusSeeOther)                               // want `http.Redirect leads out of the endpoints, whose addresses start with that of the hook; use URL of the call`
	http.Redirect(w, r, "/items/"+url.PathEscape(call.ID)+"?full=1", http.StatusFound) // want `http.Redirect leads`
	http.Redirect(w, r, fmt.Sprintf("/items/%d", 7), http.StatusFound)                 // want `http.Redirect leads`
	http.Redirect(w, r, "items/7", http.StatusFound)                                   // want `http.Redirect leads`
	w.Header().Set("Location", "/items/7")                                             // want `http.Header.Set leads`
	return nil
}

func handler() http.Handler {
	return http.RedirectHandler("/items/7", http.StatusSeeOther) // want `http.RedirectHandler leads`
}

// What follows is right.

func right(w http.ResponseWriter, r *http.Request, call *itemCall, to string) {
	http.Redirect(w, r, call.URL("/items/7"), http.StatusSeeOther)
	http.Redirect(w, r, to, http.StatusSeeOther)
	http.Redirect(w, r, to+"/items", http.StatusSeeOther)
	http.Redirect(w, r, "https://service.example/items/"+to, http.StatusSeeOther)
	http.Redirect(w, r, fmt.Sprintf("%s/items", to), http.StatusSeeOther)
	http.Redirect(w, r, "//service.example/items", http.StatusSeeOther)
	http.Redirect(w, r, "/e/"+to+"/items", http.StatusSeeOther) // the address of a hook
	http.Redirect(w, r, "mailto:a@service.example", http.StatusSeeOther)
	http.Redirect(w, r, "https:"+"//service.example", http.StatusSeeOther)
	w.Header().Set("Location", "items/7") // the browser resolves it
	w.Header().Set("Content-Location", "/items/7")
	header := http.Header{}
	header.Set("Location", "/items/7")
}

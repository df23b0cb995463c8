package shop

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// answer says which method answers a request, and what it is called with.
func answer(w http.ResponseWriter, method string, settings Settings, path any) error {
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(map[string]any{"method": method, "currency": settings.Currency, "path": path})
}

func (p *Provider) PostCartsCartItem(w http.ResponseWriter, _ *http.Request, call *PostCartsCartItemCall) error {
	return answer(w, "PostCartsCartItem", call.Settings, call.Path)
}

func (p *Provider) Items(w http.ResponseWriter, _ *http.Request, call *ItemsCall) error {
	return answer(w, "Items", call.Settings, nil)
}

func (p *Provider) Latest(http.ResponseWriter, *http.Request, *LatestCall) error {
	return errors.New("there are no items")
}

func (p *Provider) Item(w http.ResponseWriter, _ *http.Request, call *ItemCall) error {
	return answer(w, "Item", call.Settings, call.Path)
}

func (p *Provider) Sorted(w http.ResponseWriter, _ *http.Request, call *SortedCall) error {
	return answer(w, "Sorted", call.Settings, call.Path)
}

func (p *Provider) ItemOptions(w http.ResponseWriter, _ *http.Request, _ *ItemOptionsCall) error {
	w.Header().Set("Allow", "GET, HEAD, OPTIONS")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (p *Provider) Offer(w http.ResponseWriter, _ *http.Request, call *OfferCall) error {
	return answer(w, "Offer", call.Settings, call.Path)
}

func (p *Provider) Order(w http.ResponseWriter, _ *http.Request, call *OrderCall) error {
	return answer(w, "Order", call.Settings, call.Path)
}

func (p *Provider) Code(w http.ResponseWriter, _ *http.Request, call *CodeCall) error {
	return answer(w, "Code", call.Settings, call.Path)
}

func (p *Provider) PageHead(w http.ResponseWriter, _ *http.Request, call *PageHeadCall) error {
	w.Header().Set("X-Page", call.Path.Page)
	return nil
}

func (p *Provider) Page(w http.ResponseWriter, _ *http.Request, call *PageCall) error {
	return answer(w, "Page", call.Settings, call.Path)
}

func (p *Provider) Endpoint2hello(w http.ResponseWriter, r *http.Request, call *Endpoint2helloCall) error {
	token := runtime.NewSecret(r.Header.Get("X-Token"))
	if !call.Settings.Token.Equal(token) {
		http.Error(w, "the token is wrong", http.StatusForbidden)
		return nil
	}
	return answer(w, "Endpoint2hello", call.Settings, call.Path)
}

package analyzers

import (
	"fmt"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/difygen/difygen/internal/redact"
)

var plainText = &analysis.Analyzer{
	Name: "plaintext",
	Doc: `find values that Dify would store in plain text, since the YAML does not declare them

Of what a plugin returns for Dify to keep, OAuth credentials and subscriptions, Dify encrypts only the
values that the YAML declares as secret-input. It stores the others in plain text, and shows them: text
fields, and what the field Extra of a subscription has, which the YAML does not declare at all.

Bad:

	Subscription{Endpoint: endpoint, Extra: map[string]any{"signing_secret": secret}}

Good, after adding signing_secret to subscription_schema as a secret-input:

	Subscription{Endpoint: endpoint, Properties: SubscriptionProperties{SigningSecret: runtime.NewSecret(secret)}}

Reported are revealed secrets in fields of other types, and whatever is written to Extra: it is better
declared, since a declared property has a field and a type. Keys that the YAML does declare are silently
lost in Extra: the field of Properties counts. Passing on the Extra that Dify sent is right, and so is reading it, as
for subscriptions that an older version of the plugin has made. Package difytest fails a test in which a plugin
returns what the YAML does not declare.`,
	URL:      page + "#plaintext",
	Run:      runPlainText,
	Requires: []*analysis.Analyzer{sourceAnalyzer},
}

func runPlainText(pass *analysis.Pass) (any, error) {
	s := pass.ResultOf[sourceAnalyzer].(*source)
	extra := make(map[ssa.Value]types.Type) // maps that become Extra of a subscription
	for store := range instructions[*ssa.Store](s) {
		at, ok := store.Addr.(*ssa.FieldAddr)
		if !ok {
			continue
		}
		if sub := extraOf(at); sub != nil {
			s.checkExtra(pass, store, sub, extra)
		} else {
			s.checkField(pass, store, at)
		}
	}
	for update := range instructions[*ssa.MapUpdate](s) {
		sub := extra[update.Map]
		if sub == nil {
			sub = ownerOfExtra(update.Map)
		}
		if sub != nil {
			s.checkUpdate(pass, update, sub)
		}
	}
	for call := range instructions[ssa.CallInstruction](s) {
		args := call.Common().Args
		if (called(call.Common()) == function{"maps", "", "Copy"}) && ownerOfExtra(args[0]) != nil && !keepsExtra(args[1]) {
			s.report(pass, s.nodeAt(call.Pos()), undeclaredExtra)
		}
	}
	return nil, nil
}

// undeclaredExtra is the message for what gets into Extra, if its keys are not known.
const undeclaredExtra = "the YAML does not declare what is in Extra, so Dify stores it in plain text; declare it in subscription_schema, which gives it a field of Properties"

// ownerOfExtra returns the subscription whose Extra a value is; nil if it is something else.
func ownerOfExtra(v ssa.Value) types.Type {
	switch v := v.(type) {
	case *ssa.UnOp:
		if at, ok := v.X.(*ssa.FieldAddr); ok {
			return extraOf(at)
		}
	case *ssa.Field:
		if fields, ok := v.X.Type().Underlying().(*types.Struct); ok && fields.Field(v.Field).Name() == extraField && isSubscription(v.X.Type()) {
			return v.X.Type()
		}
	}
	return nil
}

// keepsExtra reports whether a value is nil, the Extra of a subscription, or made of one by a function.
func keepsExtra(v ssa.Value) bool {
	if c, ok := v.(*ssa.Const); ok {
		return c.IsNil()
	}
	if call, ok := v.(*ssa.Call); ok {
		return slices.ContainsFunc(call.Call.Args, func(arg ssa.Value) bool { return ownerOfExtra(arg) != nil })
	}
	return ownerOfExtra(v) != nil
}

// extraOf returns the subscription of whose field Extra this is the address; nil if it is
// another's.
func extraOf(at *ssa.FieldAddr) types.Type {
	p, ok := at.X.Type().Underlying().(*types.Pointer)
	if !ok {
		return nil
	}
	fields, ok := p.Elem().Underlying().(*types.Struct)
	if !ok || fields.Field(at.Field).Name() != extraField || !isSubscription(p.Elem()) {
		return nil
	}
	return p.Elem()
}

// extraField is the field of a subscription with what the YAML does not declare.
const extraField = "Extra"

// isSubscription reports whether a type is that of subscriptions which difygen generated. It is known by its
// fields: without a constructor of subscriptions, it has no methods.
func isSubscription(t types.Type) bool {
	fields, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	has := make(map[string]types.Type)
	for f := range fields.Fields() {
		has[f.Name()] = f.Type()
	}
	_, isMap := has[extraField].(*types.Map)
	return isMap && has["Endpoint"] != nil && has["Properties"] != nil && has["ExpiresAt"] != nil
}

// checkExtra finds the maps that are stored as Extra, and reports other values, unless they are Extra
// already.
func (s *source) checkExtra(pass *analysis.Pass, store *ssa.Store, sub types.Type, extra map[ssa.Value]types.Type) {
	t := trace{source: s}
	t.unknown = func(v ssa.Value) {
		if !keepsExtra(v) {
			s.report(pass, s.nodeAt(store.Pos(), v.Pos()), undeclaredExtra)
		}
	}
	t.found = func(v ssa.Value) bool {
		if ownerOfExtra(v) != nil {
			return true
		}
		if _, ok := v.(*ssa.MakeMap); ok {
			extra[v] = sub
			return true
		}
		if s.revealed(v) != "" {
			s.report(pass, s.nodeAt(store.Pos(), v.Pos()), "revealed secrets get into Extra, which Dify stores in plain text")
			return true
		}
		return false
	}
	t.from(store.Val)
}

// checkUpdate reports what must not be put into Extra.
func (s *source) checkUpdate(pass *analysis.Pass, u *ssa.MapUpdate, sub types.Type) {
	key, _ := textOf(u.Key)
	at := s.nodeAt(u.Pos())
	what, revealed := s.revealedIn(u.Value, false)
	switch field, ok := s.property(sub, key); {
	case ok:
		s.report(pass, at, fmt.Sprintf("%q in Extra is lost, since the YAML declares it; set Properties.%s", key, field.Name))
	case revealed != nil:
		s.report(pass, at, fmt.Sprintf("a secret, from %s, gets into Extra, which Dify stores in plain text; declare %q as secret-input", what, key))
	case redact.LooksSecret(key):
		s.report(pass, at, fmt.Sprintf("Dify stores Extra in plain text; declare %q as secret-input in subscription_schema", key))
	case key != "":
		s.report(pass, at, fmt.Sprintf("the YAML does not declare %q, so Dify stores it in plain text; declare it in subscription_schema, which gives it a field of Properties", key))
	default:
		s.report(pass, at, undeclaredExtra)
	}
}

// property returns the field of a key in the Properties of a subscription.
func (s *source) property(sub types.Type, key string) (Field, bool) {
	obj, _, _ := types.LookupFieldOrMethod(sub, true, nil, "Properties")
	if obj == nil {
		return Field{}, false
	}
	section, _ := s.section(obj.Type())
	return section.field(key)
}

// checkField reports a revealed secret in a field that is not one, of a section that a plugin
// returns.
func (s *source) checkField(pass *analysis.Pass, store *ssa.Store, at *ssa.FieldAddr) {
	p, ok := at.X.Type().Underlying().(*types.Pointer)
	if !ok {
		return
	}
	section, ok := s.section(p.Elem())
	if !ok || !isReturned(p.Elem()) {
		return
	}
	fields, ok := p.Elem().Underlying().(*types.Struct)
	if !ok || !isText(fields.Field(at.Field).Type()) {
		return
	}
	name := fields.Field(at.Field).Name()
	if what, revealed := s.revealedIn(store.Val, false); revealed != nil {
		s.report(pass, s.nodeAt(store.Pos(), revealed.Pos()), fmt.Sprintf("a secret, from %s, gets into %s of %s, which Dify stores in plain text; declare it as secret-input", what, name, section.Type))
	}
}

// isReturned reports whether a section is one that plugins return: it has a method Validate.
func isReturned(t types.Type) bool {
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, "Validate")
	_, ok := obj.(*types.Func)
	return ok
}

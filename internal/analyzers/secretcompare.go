package analyzers

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/difygen/difygen/internal/redact"
)

var secretCompare = &analysis.Analyzer{
	Name: "secretcompare",
	Doc: `find secrets that are compared in a time that depends on them

The comparison of two texts ends at the first byte that differs, so who sends guesses, and measures
how long the response takes, finds a secret byte by byte. That is how the token or the signature of a
webhook must not be checked: anyone on the internet can call an endpoint. The time of Secret.Equal and
hmac.Equal depends only on lengths. Package webhook verifies the tokens and signatures of webhooks with them,
and refuses an empty secret besides.

Bad:

	if r.Header.Get("X-Gitlab-Token") != props.WebhookSecret.Reveal() {
	if hex.EncodeToString(mac.Sum(nil)) == r.Header.Get("X-Signature") {

Good:

	body, err := webhook.Token(r, "X-Gitlab-Token", props.WebhookSecret)
	body, err := webhook.HMAC{Header: "X-Signature"}.Verify(r, props.WebhookSecret)
	if !call.Settings.Token.Equal(runtime.NewSecret(r.FormValue("token"))) {

This is reported of the text of a secret and of a MAC (crypto/hmac), for ==, !=, switch, and functions
such as bytes.Equal and strings.EqualFold, and of a setting that is text but named like a secret, such
as token, with what a request has: declare it as secret-input. A comparison with a constant is not, nor is
one with something made of the same text.`,
	URL:      page + "#secretcompare",
	Run:      runSecretCompare,
	Requires: []*analysis.Analyzer{sourceAnalyzer},
}

// comparisons are functions that compare their first two arguments.
var comparisons = []function{
	{"bytes", "", "Compare"},
	{"bytes", "", "Equal"},
	{"bytes", "", "EqualFold"},
	{"reflect", "", "DeepEqual"},
	{"slices", "", "Equal"},
	{"strings", "", "Compare"},
	{"strings", "", "EqualFold"},
}

func runSecretCompare(pass *analysis.Pass) (any, error) {
	s := pass.ResultOf[sourceAnalyzer].(*source)
	for op := range instructions[*ssa.BinOp](s) {
		if (op.Op == token.EQL || op.Op == token.NEQ) && isText(op.X.Type()) {
			if at := s.comparisonAt(op.Pos()); at != nil {
				s.checkComparison(pass, at, op.Op.String(), op.X, op.Y)
			}
		}
	}
	for call := range instructions[ssa.CallInstruction](s) {
		args := call.Common().Args
		if f := called(call.Common()); slices.Contains(comparisons, f) && len(args) == 2 {
			if at := s.callAt(call); at != nil {
				s.checkComparison(pass, at, f.String(), args[0], args[1])
			}
		}
	}
	return nil, nil
}

// comparisonAt returns the expression that compares at a position, or the expression of a case.
func (s *source) comparisonAt(pos token.Pos) ast.Expr {
	if x := s.operations[pos]; x != nil {
		return x
	}
	return s.cases[pos]
}

// checkComparison reports a comparison of a secret or a MAC with something else.
func (s *source) checkComparison(pass *analysis.Pass, at ast.Expr, how string, x, y ssa.Value) {
	if isConstant(x) || isConstant(y) {
		return
	}
	_, left := s.revealedIn(x, true)
	_, right := s.revealedIn(y, true)
	switch {
	case left != nil && right != nil && s.sameSecret(left, right):
	case left != nil || right != nil:
		s.report(pass, at, fmt.Sprintf("the time of %s tells how much of a secret is right; use Secret.Equal%s", how, s.orWebhook(at, "Token")), s.equalInstead(at)...)
	case s.secretField(x) != "" && s.inRequest(y) || s.secretField(y) != "" && s.inRequest(x):
		message := "the time of %s tells how much of %s is right, which is a secret by its name; declare it as secret-input, and use Secret.Equal"
		s.report(pass, at, fmt.Sprintf(message, how, s.secretField(x)+s.secretField(y)))
	case s.isMAC(x) != s.isMAC(y):
		s.report(pass, at, fmt.Sprintf("the time of %s tells how much of a MAC is right; use hmac.Equal%s", how, s.orWebhook(at, "HMAC")), s.hmacInstead(at)...)
	}
}

// orWebhook says that package webhook has what code at a node does, if a request is at hand.
func (s *source) orWebhook(at ast.Node, name string) string {
	for v := range s.variables(at.Pos()) {
		if isType(v.Type(), "net/http", "Request") {
			return ", or webhook." + name + " for a webhook"
		}
	}
	return ""
}

// isConstant reports whether a value is a constant, or made of one.
func isConstant(v ssa.Value) bool {
	switch v := v.(type) {
	case *ssa.Const:
		return true
	case *ssa.Convert:
		return isConstant(v.X)
	case *ssa.MakeInterface:
		return isConstant(v.X)
	}
	return false
}

// sameSecret reports whether two values reveal the same secret.
func (s *source) sameSecret(a, b ssa.Value) bool {
	if a == b {
		return true
	}
	x, y := s.calls[a.Pos()], s.calls[b.Pos()]
	return x != nil && y != nil && s.text(x) == s.text(y)
}

// secretField returns the name of a field of text that the YAML does not declare as secret, but names like
// one, whose value a text is; "" if it is another's.
func (s *source) secretField(v ssa.Value) string {
	name := ""
	t := trace{source: s, passes: keepsText, callers: true}
	t.found = func(v ssa.Value) bool {
		of, field := fieldOf(v)
		if of == nil || !isText(v.Type()) {
			return false
		}
		section, _ := s.section(of)
		for _, f := range section.Fields {
			if f.Name == field && redact.LooksSecret(f.Key) {
				name = f.Name
			}
		}
		return name != ""
	}
	t.from(v)
	return name
}

// fieldOf returns the type of the struct, and the name of its field, that a value is read from; nil if it is
// read from something else.
func fieldOf(v ssa.Value) (types.Type, string) {
	switch v := v.(type) {
	case *ssa.Field:
		if fields, ok := v.X.Type().Underlying().(*types.Struct); ok {
			return v.X.Type(), fields.Field(v.Field).Name()
		}
	case *ssa.UnOp:
		if at, ok := v.X.(*ssa.FieldAddr); ok {
			return at.X.Type(), fieldName(at)
		}
	}
	return nil, ""
}

// inRequest reports whether a text is one that who sends a request chooses: of a header, a parameter, a form
// or the path.
func (s *source) inRequest(v ssa.Value) bool {
	found := false
	t := trace{source: s, callers: true}
	t.passes = func(f function, arg int) bool {
		return keepsText(f, arg) || arg == 0 && f.pkg == "strings" && (f.name == "CutPrefix" || f.name == "CutSuffix")
	}
	t.found = func(v ssa.Value) bool {
		call, ok := v.(*ssa.Call)
		if !ok {
			return false
		}
		switch f := called(call.Common()); f {
		case function{"net/http", "Header", "Get"}, function{"net/url", "Values", "Get"}:
			found = found || ofRequest(call.Call.Args[0])
		case function{"net/http", "Request", "FormValue"}, function{"net/http", "Request", "PostFormValue"}, function{"net/http", "Request", "PathValue"}:
			found = true
		}
		return found
	}
	t.from(v)
	return found
}

// ofRequest reports whether a value is a field of an http.Request, or the parameters of its URL.
func ofRequest(v ssa.Value) bool {
	switch v := v.(type) {
	case *ssa.Call:
		return called(v.Common()) == function{"net/url", "URL", "Query"} && ofRequest(v.Call.Args[0])
	case *ssa.UnOp:
		of, _ := fieldOf(v)
		return of != nil && isType(of, "net/http", "Request")
	}
	return false
}

// isMAC reports whether a value is made of the sum of a MAC.
func (s *source) isMAC(v ssa.Value) bool {
	found := false
	t := trace{source: s, passes: keepsText, callers: true}
	t.found = func(v ssa.Value) bool {
		call, ok := v.(*ssa.Call)
		if !ok || !call.Call.IsInvoke() || (called(&call.Call) != function{"hash", "Hash", "Sum"}) {
			return false
		}
		from := trace{source: s, callers: true}
		from.found = func(v ssa.Value) bool {
			made, ok := v.(*ssa.Call)
			found = found || ok && called(made.Common()) == function{"crypto/hmac", "", "New"}
			return found
		}
		from.from(call.Call.Value)
		return true
	}
	t.from(v)
	return found
}

// equalInstead returns a fix for x.Reveal() == y: x.Equal(runtime.NewSecret(y)), or x.Equal(z) if y
// is z.Reveal().
func (s *source) equalInstead(at ast.Expr) []analysis.SuggestedFix {
	op, ok := at.(*ast.BinaryExpr)
	if !ok || op.Op != token.EQL && op.Op != token.NEQ {
		return nil
	}
	secret, other := s.revealedExpr(op.X), op.Y
	if secret == nil {
		secret, other = s.revealedExpr(op.Y), op.X
	}
	if secret == nil {
		return nil
	}
	var arg string
	if z := s.revealedExpr(other); z != nil {
		arg = s.text(z)
	} else if name := s.importName(at.Pos(), runtimePath); name != "" {
		arg = name + ".NewSecret(" + s.text(other) + ")"
	} else {
		return nil
	}
	return []analysis.SuggestedFix{fix("Use Equal", replace(op, not(op)+s.text(secret)+".Equal("+arg+")"))}
}

// not returns the operator that makes the opposite of equality, if a comparison is one.
func not(op *ast.BinaryExpr) string {
	if op.Op == token.NEQ {
		return "!"
	}
	return ""
}

// revealedExpr returns x of an expression x.Reveal() of a Secret.
func (s *source) revealedExpr(x ast.Expr) ast.Expr {
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok || (calledBy(s.pass.TypesInfo, call) != function{runtimePath, "Secret", "Reveal"}) {
		return nil
	}
	if f, ok := call.Fun.(*ast.SelectorExpr); ok {
		return f.X
	}
	return nil
}

// hmacInstead returns a fix for a comparison of texts: hmac.Equal([]byte(x), []byte(y)).
func (s *source) hmacInstead(at ast.Expr) []analysis.SuggestedFix {
	name := s.importName(at.Pos(), "crypto/hmac")
	if name == "" {
		return nil
	}
	switch at := at.(type) {
	case *ast.BinaryExpr:
		text := fmt.Sprintf("%s%s.Equal([]byte(%s), []byte(%s))", not(at), name, s.text(at.X), s.text(at.Y))
		return []analysis.SuggestedFix{fix("Use hmac.Equal", replace(at, text))}
	case *ast.CallExpr:
		if (calledBy(s.pass.TypesInfo, at) == function{"bytes", "", "Equal"}) {
			return []analysis.SuggestedFix{fix("Use hmac.Equal", replace(at.Fun, name+".Equal"))}
		}
	}
	return nil
}

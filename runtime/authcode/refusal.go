package authcode

import (
	"cmp"
	"strings"
)

// The members with the code and the text of an error, apart from error and
// error_description. RFC 6749, section 5.2, names only those, but servers have others, and
// many send them with status 200.
var (
	codeNames = []string{"errcode", "err_code", "errorCode", "error_code", "errno"}
	textNames = []string{"error_description", "errmsg", "err_msg", "error_msg", "error_message", "errorMessage", "message", "msg", "detail"}
)

// refusalOf returns the error in a response, or nil. Some servers send errors with status
// 200, or with a boolean or a number that says whether there is one.
func refusalOf(values map[string]any, status int, secrets []string) *Error {
	tokens := unwrapped(values)
	isOK := status >= 200 && status <= 299
	hasToken := scalar(tokens["access_token"]) != ""
	code, description, isError := errorMember(values["error"])
	for _, name := range codeNames {
		code = cmp.Or(code, failure(values[name]))
	}
	description = cmp.Or(description, firstText(values, textNames))
	if c := failure(values["code"]); code == "" && c != "" && (!isOK || !hasToken && meansFailure(values, c, description)) {
		code = c
	}
	isError = isError || values["ok"] == false || values["success"] == false
	if code == "" && !isError && (isOK || description == "") {
		return nil
	}
	for _, name := range []string{"access_token", "refresh_token", "id_token"} {
		token, _ := tokens[name].(string)
		secrets = append(secrets[:len(secrets):len(secrets)], token)
	}
	return newError(code, description, scalar(values["error_uri"]), status, secrets...)
}

// errorMember returns what the member error says: a code, an object with more, or whether
// there is an error.
func errorMember(v any) (code, description string, isError bool) {
	if object, ok := v.(map[string]any); ok {
		code = cmp.Or(failure(object["code"]), firstText(object, append(codeNames[:len(codeNames):len(codeNames)], "type", "status")))
		description = firstText(object, textNames)
		return code, description, code != "" || description != ""
	}
	if v == true {
		return "", "", true
	}
	return failure(v), "", false
}

// failure returns a code as text, or "" if it says that there is no error.
func failure(v any) string {
	code := strings.TrimSpace(scalar(v))
	switch strings.ToLower(code) {
	case "0", "false", "ok", "success":
		return ""
	}
	return code
}

// meansFailure reports whether the member code of a response with status 200 and without a
// token is that of an error. It can be a status, or belong to something else.
func meansFailure(values map[string]any, code, description string) bool {
	if code == "200" || failure(description) == "" && description != "" {
		return false
	}
	_, isText := values["code"].(string)
	return !isText || description != ""
}

// firstText returns the first of some members that is a text, number or boolean, and not empty.
func firstText(values map[string]any, names []string) string {
	for _, name := range names {
		if s := scalar(values[name]); s != "" {
			return s
		}
	}
	return ""
}

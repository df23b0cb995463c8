package openai

import (
	"cmp"
	"errors"
	"net/url"
	"strings"
)

// The endpoints of the API.
const (
	pathChat          = "chat/completions"
	pathCompletions   = "completions"
	pathEmbeddings    = "embeddings"
	pathRerank        = "rerank"
	pathSpeech        = "audio/speech"
	pathTranscription = "audio/transcriptions"
	pathModerations   = "moderations"
	pathModels        = "models"
)

// endpoints are in an order in which no path is found that is the end of a longer one.
var endpoints = []string{pathChat, pathCompletions, pathEmbeddings, pathRerank, pathSpeech, pathTranscription, pathModerations, pathModels}

var errBaseURL = errors.New("the base URL must be one such as https://api.example.com/v1")

// parseBase returns the URL below which the endpoints are (see Config.BaseURL). Its error does not
// quote what users have typed.
func parseBase(typed string) (*url.URL, error) {
	base, err := url.Parse(strings.TrimSpace(typed))
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Hostname() == "" || base.User != nil {
		return nil, errBaseURL
	}
	base.Fragment, base.RawFragment = "", ""
	escaped := basePath(strings.TrimRight(base.EscapedPath(), "/")) // where %2F is not a slash
	if base.Path, err = url.PathUnescape(escaped); err != nil {
		return nil, errBaseURL
	}
	base.RawPath = escaped
	return base, nil
}

// basePath returns the path below which the endpoints are.
func basePath(path string) string {
	for _, endpoint := range endpoints {
		if before, ok := strings.CutSuffix(path, "/"+endpoint); ok {
			return before
		}
	}
	return cmp.Or(path, "/v1")
}

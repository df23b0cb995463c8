package openai

import (
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
	base.Fragment, base.RawFragment, base.RawPath = "", "", ""
	base.Path = strings.TrimRight(base.Path, "/")
	for _, path := range endpoints {
		if before, ok := strings.CutSuffix(base.Path, "/"+path); ok {
			base.Path = before
			return base, nil
		}
	}
	if base.Path == "" {
		base.Path = "/v1"
	}
	return base, nil
}

package zendesk

import (
	"slices"
	"strings"
)

// chosen reports whether a value is among the options that a user has chosen, or there are none. Zendesk
// writes some values in capital letters.
func chosen[T ~string](options []T, value string) bool {
	return len(options) == 0 || slices.Contains(options, T(strings.ToLower(value)))
}

// listed returns what a user has separated by commas, in lower case.
func listed(list string) []string {
	var items []string
	for item := range strings.SplitSeq(strings.ToLower(list), ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// hasAny reports whether a text contains anything that is listed, or nothing is.
func hasAny(list, text string) bool {
	items, text := listed(list), strings.ToLower(text)
	return len(items) == 0 || slices.ContainsFunc(items, func(item string) bool { return strings.Contains(text, item) })
}

// hasAll reports whether everything that is listed is among the tags.
func hasAll(list string, tags []string) bool {
	return !slices.ContainsFunc(listed(list), func(item string) bool {
		return !slices.ContainsFunc(tags, func(tag string) bool { return strings.EqualFold(tag, item) })
	})
}

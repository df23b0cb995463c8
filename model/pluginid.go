package model

// PlaceholderAuthor is the author of a new plugin until its real one is known. Nobody has that
// name.
const PlaceholderAuthor = "your-name"

// IsAuthor reports whether the host accepts s as the author of a plugin.
func IsAuthor(s string) bool { return authorPattern.match(s) }

// IsPluginName reports whether the host accepts s as the name of a plugin.
func IsPluginName(s string) bool { return pluginPattern.match(s) }

// PluginID returns AUTHOR/NAME, by which the host knows the plugin, or "" if the host would
// not accept them.
func (m *Manifest) PluginID() string {
	if !IsAuthor(m.Author) || !IsPluginName(m.Name) {
		return ""
	}
	return m.Author + "/" + m.Name
}

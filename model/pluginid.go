package model

// PluginID returns AUTHOR/NAME, by which the host knows the plugin, or "" if the host would
// not accept them.
func (m *Manifest) PluginID() string {
	if !authorPattern.match(m.Author) || !pluginPattern.match(m.Name) {
		return ""
	}
	return m.Author + "/" + m.Name
}

package model

// PluginID returns AUTHOR/NAME, by which the host knows the plugin, or "" if the host would
// not accept them.
func (m *Manifest) PluginID() string {
	if !authorRE().MatchString(m.Author) || !pluginRE().MatchString(m.Name) {
		return ""
	}
	return m.Author + "/" + m.Name
}

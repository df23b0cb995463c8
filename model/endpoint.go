package model

// loadEndpoint reads an endpoint group. It has no name of its own.
func loadEndpoint(d *decoder) *Provider {
	var host hostEndpoint
	d.decodeRoot(&host, "settings")
	if d.failed {
		return nil
	}
	return &Provider{Sections: []Section{d.newSection(SectionSettings, host.Settings, "settings")}}
}

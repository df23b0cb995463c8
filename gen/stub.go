package gen

import "slices"

// stub is the file that becomes the author's. It lists the signatures of the methods that
// the author must add.
func (p *plan) stub() ([]byte, error) {
	f := newFile(p.pkg)
	n := p.names
	about := doc("%s connects %s. This file is yours: difygen wrote it once and will not touch it again.", n.provider, p.label)
	for _, c := range contracts {
		name := n.contracts[c]
		if name == "" || c.isStubbed {
			continue
		}
		about = append(append(about, ""), doc("You must write the methods of %s:", name)...)
		about = append(about, "")
		for _, m := range c.methods(p) {
			header, err := source(methodHeader("p", ptr(id(n.provider)), m.name, m.signature))
			if err != nil {
				return nil, err
			}
			about = append(about, "\t"+header)
		}
	}
	f.add(about, structType(n.provider, nil))
	for i, s := range p.checked() {
		comment := doc("%s asks the service whether creds work, by the cheapest call that needs them, such as:", s.check.method)
		comment = append(append(comment, ""), s.exampleCall()...)
		if i > 0 {
			comment = doc("%s asks the service whether creds work, by a call such as the one above.", s.check.method)
		}
		f.add(comment,
			method("p", ptr(id(n.provider)), s.check.method, s.check.signature(s), ret(rt("ErrNotImplemented"))))
	}
	return f.render()
}

// exampleCall is the code in the stub's comment. It sends the first secret, if
// there is one.
func (s *section) exampleCall() []string {
	lines := []string{
		"	req, err := http.NewRequestWithContext(ctx, http.MethodGet, \"https://api.example.com/me\", nil)",
		"	if err != nil {",
		"		return err",
		"	}",
	}
	if i := slices.IndexFunc(s.fields, func(f *field) bool { return f.shape.isSecret() }); i >= 0 {
		lines = append(lines, "	req.Header.Set(\"Authorization\", \"Bearer \"+creds."+s.fields[i].name+".Reveal())")
	}
	return append(lines,
		"	resp, err := http.DefaultClient.Do(req)",
		"	if err != nil {",
		"		return runtime.Unreachable(err)",
		"	}",
		"	defer resp.Body.Close()",
		"	if resp.StatusCode != http.StatusOK {",
		"		return fmt.Errorf(\"the service returned %s\", resp.Status)",
		"	}",
		"	return nil",
	)
}

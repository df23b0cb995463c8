package commit

import "os"

// Before calls step before each change of the disk, with its name.
func (f *Folder) Before(step func(name string)) { f.disk = steps{f.disk, step} }

type steps struct {
	disk
	step func(name string)
}

func (s steps) create(dir string) (*os.File, error) {
	s.step("create")
	f, err := s.disk.create(dir)
	s.step("write")
	return f, err
}

func (s steps) rename(from, to string) error {
	s.step("rename")
	return s.disk.rename(from, to)
}

func (s steps) remove(path string) error {
	s.step("remove")
	return s.disk.remove(path)
}

package host

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
)

const (
	// MaxStorage is how many bytes a plugin can store in a workspace, whatever its manifest says.
	MaxStorage = 100 << 20
	maxKey     = 256 // bytes
	// maxRead is how many bytes a value has that Dify can return: a reply has at most 30 MiB, and
	// a value is sent in hexadecimal.
	maxRead = 15 << 20
)

// storage is what a plugin has stored in a workspace, in memory.
type storage struct {
	mu     sync.Mutex
	limit  int64 // in bytes; 0 for MaxStorage
	values map[string][]byte
	// size is what Dify believes the values take. A value that it refuses is stored, and not
	// counted.
	size int64
}

// answer answers a call of type storage.
func (s *storage) answer(cb *Callback) error {
	var request struct{ Opt, Key, Value string }
	if err := json.Unmarshal(cb.Request, &request); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	reply, err := map[string]any(nil), error(nil)
	switch request.Opt {
	case "get":
		reply, err = s.get(request.Key)
	case "set":
		reply, err = s.save(request.Key, request.Value)
	case "del":
		reply, err = s.remove(request.Key)
	case "exist":
		reply, err = s.exists(request.Key)
	}
	if err != nil {
		return err
	}
	cb.Struct(reply)
	return nil
}

// checkKey returns a key in the form in which Dify keeps it.
func checkKey(key string) (string, error) {
	key = path.Clean(key)
	if strings.Contains(key, "..") || strings.Contains(key, "//") || strings.Contains(key, `\`) {
		return "", errors.New("invalid key: path traversal attempt detected")
	}
	return key, nil
}

func (s *storage) get(key string) (map[string]any, error) {
	key, err := checkKey(key)
	value, there := s.values[key]
	if err != nil || !there {
		return nil, errors.New("load data failed, please check if the key is correct or you have not set it")
	}
	if len(value) > maxRead {
		return nil, fmt.Errorf("this host cannot return a value of %d bytes: it sends %d at most", len(value), maxRead)
	}
	return map[string]any{"data": hex.EncodeToString(value)}, nil
}

func (s *storage) save(key, encoded string) (map[string]any, error) {
	const failed = "save data failed: "
	value, err := hex.DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("decode data failed: %w", err)
	}
	cleaned, err := checkKey(key)
	if err != nil {
		return nil, errors.New(failed + err.Error())
	}
	if len(key) > maxKey {
		return nil, errors.New(failed + "key length must be less than 256 characters")
	}
	if err := s.fits(cleaned); err != nil {
		return nil, errors.New(failed + err.Error())
	}
	more := int64(len(value) - len(s.values[cleaned]))
	s.put(cleaned, value)
	limit := s.limit
	if limit == 0 || limit > MaxStorage {
		limit = MaxStorage
	}
	if s.size+more > limit {
		return nil, errors.New(failed + "allocated size is greater than max storage size")
	}
	s.size += more
	return map[string]any{"data": "ok"}, nil
}

// fits returns the error of a key that is a folder of others, or in one that is a value: Dify keeps
// values as files.
func (s *storage) fits(key string) error {
	for folder := path.Dir(key); folder != "." && folder != "/"; folder = path.Dir(folder) {
		if _, there := s.values[folder]; there {
			return fmt.Errorf("mkdir %s: not a directory", folder)
		}
	}
	for other := range s.values {
		if strings.HasPrefix(other, key+"/") {
			return fmt.Errorf("open %s: is a directory", key)
		}
	}
	return nil
}

func (s *storage) put(key string, value []byte) {
	if s.values == nil {
		s.values = make(map[string][]byte)
	}
	s.values[key] = value
}

func (s *storage) remove(key string) (map[string]any, error) {
	const failed = "delete data failed: "
	cleaned, err := checkKey(key)
	if err != nil {
		return nil, errors.New(failed + err.Error())
	}
	value, there := s.values[cleaned]
	if !there {
		return nil, errors.New(failed + "stat " + cleaned + ": no such file or directory")
	}
	delete(s.values, cleaned)
	s.size -= int64(len(value))
	// The number is that of entries of a cache: 0 if nothing has read the value.
	return map[string]any{"data": "ok", "deleted_num": 0}, nil
}

func (s *storage) exists(key string) (map[string]any, error) {
	key, err := checkKey(key)
	if err != nil {
		return nil, fmt.Errorf("exist data failed: %w", err)
	}
	_, there := s.values[key]
	n := 0
	if there {
		n = 1
	}
	return map[string]any{"data": there, "exist_num": n}, nil
}

// SetStorageLimit sets how many bytes the plugin can store; 0 for MaxStorage.
func (d *Dify) SetStorageLimit(size int64) {
	d.storage.mu.Lock()
	defer d.storage.mu.Unlock()
	d.storage.limit = size
}

// Store stores a value, as if the plugin had done so.
func (d *Dify) Store(key string, value []byte) {
	d.storage.mu.Lock()
	defer d.storage.mu.Unlock()
	key = path.Clean(key)
	d.storage.size += int64(len(value) - len(d.storage.values[key]))
	d.storage.put(key, bytes.Clone(value))
}

// Stored returns all that is stored.
func (d *Dify) Stored() map[string][]byte {
	d.storage.mu.Lock()
	defer d.storage.mu.Unlock()
	all := maps.Clone(d.storage.values)
	for key, value := range all {
		all[key] = slices.Clone(value)
	}
	return all
}

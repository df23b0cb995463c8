// Package weigh says how much memory JSON takes when it has been decoded, before it is: values of any
// type take many times the bytes that they have in JSON.
package weigh

import "bytes"

// Max is how many bytes one line may weigh: 256 MiB.
const Max = 256 << 20

// TooMuch reports whether JSON weighs more than Max. It does not look at what is too short for that.
func TooMuch(data []byte) bool { return len(data) > Max/(object+2) && JSON(data) > Max }

// What values of a few bytes take, measured.
const object, name, list, item = 300, 64, 96, 48

// JSON returns about how many bytes a line takes, with what encoding/json makes of it.
func JSON(line []byte) int {
	size := 2 * len(line)
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '"':
			i = EndOfString(line, i+1)
		case '{':
			size += object
		case ':':
			size += name
		case '[':
			size += list
		case ',':
			size += item
		}
	}
	return size
}

// EndOfString returns where the string in JSON ends that begins there.
func EndOfString(line []byte, start int) int {
	for i := start; ; i++ {
		n := bytes.IndexByte(line[i:], '"')
		if n < 0 {
			return len(line)
		}
		i += n
		escapes := 0
		for i-escapes > start && line[i-escapes-1] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return i
		}
	}
}

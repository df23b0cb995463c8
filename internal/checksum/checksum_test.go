package checksum_test

import (
	"testing"

	"github.com/difygen/difygen/internal/checksum"
)

func TestText(t *testing.T) {
	t.Parallel()
	const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" // FIPS 180-2, appendix B.1
	if got := checksum.Text([]byte("abc")); got != abc {
		t.Errorf("Text(abc) = %s, want %s", got, abc)
	}
	if lf, crlf := checksum.Text([]byte("a\nb\n")), checksum.Text([]byte("a\r\nb\r\n")); lf != crlf {
		t.Errorf("Text is %s with LF and %s with CRLF, want the same", lf, crlf)
	}
	if lf, cr := checksum.Text([]byte("a\nb")), checksum.Text([]byte("a\rb")); lf == cr {
		t.Errorf("Text is %s with LF and with CR, want another one", lf)
	}
}

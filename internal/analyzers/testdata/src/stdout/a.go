package stdout

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"

	"github.com/difygen/difygen/runtime"
)

func prints(s runtime.Secret) {
	fmt.Println("got it")        // want `fmt.Println prints to standard output, which belongs to Dify's protocol`
	fmt.Printf("%d\n", 1)        // want `fmt.Printf prints`
	fmt.Print()                  // want `fmt.Print prints`
	fmt.Fprintln(os.Stdout, "x") // want `standard output belongs to Dify's protocol; use os.Stderr`
	log.SetOutput(os.Stdout)     // want `standard output belongs`
	os.Stdout.WriteString("x")   // want `standard output belongs`
	json.NewEncoder(os.Stdout)   // want `standard output belongs`
	cmd := exec.Command("true")
	cmd.Stdout = os.Stdout      // want `standard output belongs`
	var w io.Writer = os.Stdout // want `standard output belongs`
	_ = w
}

// What follows is right.

func right() {
	fmt.Fprintln(os.Stderr, "x")
	println("x")
	_ = fmt.Sprintln("x")
	os.Stdout = os.Stderr
	_ = os.Stdout.Fd()
	if f := os.Stderr; f == os.Stdout {
		return
	}
}

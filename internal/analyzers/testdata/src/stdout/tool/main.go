package main

import (
	"fmt"

	"github.com/difygen/difygen/runtime"
)

func main() { fmt.Println(runtime.MaxFile) }

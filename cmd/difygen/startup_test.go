package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// BenchmarkStartUp reports how much longer the command takes to start than an empty
// program. x-empty is the ratio of the medians.
func BenchmarkStartUp(b *testing.B) {
	source := filepath.Join(b.TempDir(), "empty.go")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	empty, difygen := compile(b, source), compile(b, ".")
	var base, ours []time.Duration
	for b.Loop() {
		base = append(base, runs(b, empty))
		ours = append(ours, runs(b, difygen, "version"))
	}
	b.ReportMetric(float64(median(ours))/float64(median(base)), "x-empty")
}

// compile builds a program as users do, and returns its file.
func compile(b *testing.B, program string) string {
	b.Helper()
	file := filepath.Join(b.TempDir(), "program.exe")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", file, program).CombinedOutput(); err != nil { //nolint:gosec // fixed arguments
		b.Fatalf("go build: %v\n%s", err, out)
	}
	return file
}

// runs returns how long a program runs.
func runs(b *testing.B, program string, args ...string) time.Duration {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), program, args...)
	began := time.Now()
	if err := cmd.Run(); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}

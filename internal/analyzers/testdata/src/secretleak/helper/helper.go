// Package helper has functions that log for others.
package helper

import (
	"log/slog"

	"github.com/difygen/difygen/runtime"
)

func Debug(message string, args ...any) { slog.Debug(message, args...) } // want Debug:`prints: \[0 1\] \[slog.Debug slog.Debug\]`

func Length(text string) int { return len(text) }

func Header(secret runtime.Secret) string { return "Bearer " + secret.Reveal() }

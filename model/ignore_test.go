package model_test

import (
	"strings"
	"testing"
	"time"
)

// TestCommentCosts looks for comments in documents that make a search slow if it visits
// lines or texts repeatedly. Each takes some milliseconds; a quadratic search took many
// seconds.
func TestCommentCosts(t *testing.T) {
	t.Parallel()
	for name, yaml := range map[string]string{
		"texts on one line":     "tags: [" + strings.Repeat("'a', ", 100_000) + "'a']\n# difygen:ignore url\n",
		"comments in a row":     header + strings.Repeat("# difygen:ignore url\n", 80_000) + "extra: 1\n",
		"texts with comments":   header + "tags:\n" + strings.Repeat("- 'a # b' # difygen:ignore url\n", 40_000),
		"blocks of long text":   header + "tags:\n" + strings.Repeat("- |\n  # difygen:ignore url\n", 40_000) + "# difygen:ignore url\n",
		"words in one comment":  header + "extra: 1 # difygen:ignore " + strings.Repeat("url ", 100_000),
		"marks in one comment":  header + "extra: 1 # difygen:ignore url " + strings.Repeat("# ", 100_000),
		"frames without an end": header + "extra:\n" + strings.Repeat("# difygen:ignore url\n-\n", 20_000),
	} {
		for mark, rule := range map[string]string{"ignore": "[unused-ignore]", "name": "[name-comment]"} {
			t.Run(name+" that "+mark, func(t *testing.T) {
				t.Parallel()
				yaml := strings.ReplaceAll(yaml, "difygen:ignore", "difygen:"+mark)
				start := time.Now()
				if _, diags := load(t, yaml); !strings.Contains(strings.Join(diags, "\n"), rule) {
					t.Errorf("got %d diagnostics, none about a comment", len(diags))
				}
				// It takes far less than a second, except on a busy machine with the race detector.
				if elapsed := time.Since(start); elapsed > 20*time.Second {
					t.Errorf("took %v", elapsed)
				}
			})
		}
	}
}

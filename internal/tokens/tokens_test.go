package tokens_test

import (
	"testing"

	"github.com/difygen/difygen/internal/tokens"
)

// TestEstimate compares with what OpenAI's encoding o200k_base counts, of which an estimate
// may be a tenth less and six tenths more.
func TestEstimate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"": 0,
		"The government announced on Wednesday a series of measures to support small businesses. According to the minister, entrepreneurs will be able to obtain cheap loans.":                 28,
		"Künftig sollen Genehmigungsverfahren für Windkraftanlagen deutlich schneller abgeschlossen werden, erklärte die zuständige Ministerin.":                                               24,
		"政府周三宣布了一系列支持小企业发展的新措施。据部长介绍，企业家可以在头两年内获得优惠贷款，并免除部分税收。":                                                                                                                                34,
		"Правительство объявило в среду о новых мерах поддержки малого бизнеса. По словам министра, предприниматели смогут получить льготные кредиты.":                                         30,
		"func (c *Collector) grow(n int) error {\n\tif n > MaxResultBytes-c.size {\n\t\treturn fmt.Errorf(\"too much\")\n\t}\n\tc.size += n\n\treturn nil\n}\n":                                40,
		"{\"name\":\"weather\",\"description\":\"Tells the weather in a city.\",\"parameters\":{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"]}}": 35,
		"1234567890 😀😀": 6,
	} {
		if got := tokens.Estimate(text); got*10 < want*9 || got*10 > want*16 {
			t.Errorf("%.30q: %d tokens, want about %d", text, got, want)
		}
	}
}

package model

import (
	"strings"
	"testing"

	"github.com/difygen/difygen/internal/yamldoc"
)

func TestLastKeys(t *testing.T) {
	t.Parallel()
	type keys struct {
		item       bool
		key, under string
	}
	for path, want := range map[string]keys{
		"a":                {false, "a", ""},
		"a b":              {false, "b", "a"},
		"a b c":            {false, "c", "b"},
		"options []":       {true, "options", ""},
		"a tags []":        {true, "tags", "a"},
		"options [] value": {false, "value", "options[]"},
		"a [] [] b":        {false, "b", "a[]"},
		"a [] b [] []":     {true, "b", "a[]"},
		"[]":               {true, "", ""},
	} {
		var got keys
		if got.item, got.key, got.under = lastKeys(strings.Fields(path)); got != want {
			t.Errorf("lastKeys of %s: got %+v, want %+v", path, got, want)
		}
	}
}

func TestConversionAs(t *testing.T) {
	t.Parallel()
	values, defaults := conversion{textValues: true}, conversion{textDefaults: true}
	for _, test := range []struct {
		c    conversion
		path string
		want yamldoc.As
	}{
		{conversion{}, "author", yamldoc.AsText},
		{conversion{}, "identity tags []", yamldoc.AsText},
		{conversion{}, "other", yamldoc.AsTyped},
		{conversion{}, "fields [] required", yamldoc.AsBool},
		{conversion{}, "required []", yamldoc.AsTyped},
		{conversion{}, "description human", yamldoc.AsText},
		{conversion{}, "fields [] default", yamldoc.AsTyped},
		{defaults, "fields [] default", yamldoc.AsText},
		{conversion{}, "fields [] options [] value", yamldoc.AsTyped},
		{values, "fields [] options [] value", yamldoc.AsText},
		{conversion{}, "parameters [] options []", yamldoc.AsTyped},
		{values, "parameters [] options []", yamldoc.AsText},
		{conversion{}, "fields [] show_on [] value", yamldoc.AsText},
		{values, "value", yamldoc.AsTyped},
		{values, "output_schema properties name", yamldoc.AsTyped},
		{values, "input_schema required", yamldoc.AsTyped},
	} {
		if got := test.c.as(strings.Fields(test.path)); got != test.want {
			t.Errorf("%+v converts %s as %d, want %d", test.c, test.path, got, test.want)
		}
	}
}

package weather

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/difygen/difygen/runtime"
)

// Forecast tells the weather of the next days.
func (p *Provider) Forecast(ctx context.Context, call *ForecastCall, out *ForecastOutput) error {
	params := call.Parameters
	var next struct {
		Location CurrentWeatherLocation
		Days     []ForecastDaysItem
		Warnings []string
	}
	query := url.Values{
		"q": {params.City}, "days": {strconv.FormatInt(params.Days, 10)},
		"units": {string(params.Units)}, "lang": {params.Language},
	}
	if err := p.get(ctx, call.Credentials, "/forecast", query, &next); err != nil {
		return err
	}
	for _, d := range next.Days {
		line := fmt.Sprintf("%s: %g° to %g°, %s\n", d.Date, d.Low, d.High, strings.Join(d.Conditions, ", "))
		if err := errors.Join(out.Text(line), out.StreamSummary(line)); err != nil {
			return err
		}
	}
	return errors.Join(
		out.SetLocation(next.Location),
		out.SetCount(int64(len(next.Days))),
		out.SetDays(next.Days),
		out.SetWarnings(next.Warnings),
	)
}

// ForecastLanguageOptions returns the languages of the service.
func (p *Provider) ForecastLanguageOptions(ctx context.Context, creds Credentials) ([]runtime.Choice, error) {
	return p.languages(ctx, creds)
}

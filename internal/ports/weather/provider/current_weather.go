package weather

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/difygen/difygen/runtime"
)

// CurrentWeather tells the weather of a city as it is now.
func (p *Provider) CurrentWeather(ctx context.Context, call *CurrentWeatherCall, out *CurrentWeatherOutput) error {
	params := call.Parameters
	var now struct {
		Temperature float64                `json:"temperature"`
		Condition   string                 `json:"condition"`
		Location    CurrentWeatherLocation `json:"location"`
	}
	query := url.Values{"q": {params.City}, "units": {string(params.Units)}, "lang": {params.Language}}
	if err := p.get(ctx, call.Credentials, "/weather", query, &now); err != nil {
		return err
	}
	return errors.Join(
		out.Text(fmt.Sprintf("%s: %s, %g°", now.Location.Name, now.Condition, now.Temperature)),
		out.JSON(now),
		out.SetTemperature(now.Temperature),
		out.SetCondition(now.Condition),
		out.SetLocation(now.Location),
	)
}

// CurrentWeatherLanguageOptions returns the languages of the service.
func (p *Provider) CurrentWeatherLanguageOptions(ctx context.Context, creds Credentials) ([]runtime.Choice, error) {
	return p.languages(ctx, creds)
}

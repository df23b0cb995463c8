package images

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/difygen/difygen/runtime"
)

// drawing is what the service is asked to draw.
type drawing struct {
	Prompt       string                  `json:"prompt"`
	Size         Size                    `json:"size,omitempty"`
	Quality      Quality                 `json:"quality"`
	Styles       []Styles                `json:"styles"`
	Extras       []Extras                `json:"extras,omitempty"`
	OutputFormat OutputFormat            `json:"format"`
	Compression  runtime.Optional[int64] `json:"compression,omitzero"`
	Guidance     float64                 `json:"guidance"`
	Count        int64                   `json:"n"`
	Seed         runtime.Optional[int64] `json:"seed,omitzero"`
	Transparent  bool                    `json:"transparent"`
	Moderation   bool                    `json:"moderation"`
}

// GenerateImage draws pictures from a description.
func (p *Provider) GenerateImage(ctx context.Context, call *GenerateImageCall, out *GenerateImageOutput) error {
	d := drawing(call.Parameters)
	if d.Size == SizeAuto {
		d.Size = ""
	}
	if d.Transparent && d.OutputFormat == OutputFormatJPEG {
		return errors.New("JPEG has no transparency: choose another format")
	}
	if d.OutputFormat == OutputFormatPNG {
		d.Compression = runtime.Optional[int64]{}
	}
	var drawn struct {
		Images []struct {
			Data []byte `json:"b64"`
		}
		Usage GenerateImageUsage
	}
	if err := p.call(ctx, call.Credentials, http.MethodPost, "/images", d, &drawn); err != nil {
		return err
	}
	for i, image := range drawn.Images {
		meta := runtime.FileMeta{Name: fmt.Sprintf("image-%d.%s", i+1, d.OutputFormat), MIMEType: "image/" + string(d.OutputFormat)}
		if err := out.File(image.Data, meta); err != nil {
			return err
		}
	}
	return errors.Join(out.SetImageCount(int64(len(drawn.Images))), out.SetUsage(drawn.Usage), out.JSON(drawn.Usage))
}

package zendesk

import (
	"context"

	"github.com/difygen/difygen/runtime"
)

// ArticlePublishedPayload is what Dispatch passes on to ArticlePublished.
type ArticlePublishedPayload struct {
	Detail struct {
		ID      string                   `json:"id"`
		BrandID runtime.Optional[string] `json:"brand_id"`
	} `json:"detail"`
	Article ArticlePublishedArticle `json:"event"`
}

// ArticlePublished makes the variables of the event Article published.
func (p *Provider) ArticlePublished(_ context.Context, call *ArticlePublishedCall) (ArticlePublishedVariables, error) {
	article, want := call.Payload.Article, &call.Parameters
	if !chosen(listed(want.Locale), article.Locale.Or("")) || !hasAny(want.TitleContains, article.Title.Or("")) {
		return ArticlePublishedVariables{}, runtime.ErrIgnore
	}
	article.ID, article.BrandID = call.Payload.Detail.ID, call.Payload.Detail.BrandID
	return ArticlePublishedVariables{Article: article}, nil
}

// ArticleUnpublishedPayload is what Dispatch passes on to ArticleUnpublished.
type ArticleUnpublishedPayload struct {
	Article ArticleUnpublishedArticle `json:"detail"`
	Time    string                    `json:"time"`
}

// ArticleUnpublished makes the variables of the event Article unpublished.
func (p *Provider) ArticleUnpublished(_ context.Context, call *ArticleUnpublishedCall) (ArticleUnpublishedVariables, error) {
	article := call.Payload.Article
	if !chosen(listed(call.Parameters.BrandIDs), article.BrandID.Or("")) {
		return ArticleUnpublishedVariables{}, runtime.ErrIgnore
	}
	article.UnpublishedAt = call.Payload.Time
	return ArticleUnpublishedVariables{Article: article}, nil
}

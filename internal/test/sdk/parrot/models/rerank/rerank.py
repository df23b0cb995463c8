from dify_plugin.entities.model.rerank import (
    MultiModalRerankResult,
    RerankDocument,
    RerankResult,
)
from dify_plugin.interfaces.model.rerank_model import RerankModel

import service


class ParrotRerank(RerankModel):
    @property
    def _invoke_error_mapping(self):
        return service.ERROR_MAPPING

    def validate_credentials(self, model: str, credentials) -> None:
        service.authenticate(credentials)

    def _invoke(
        self, model, credentials, query, docs, score_threshold=None, top_n=None, user=None
    ) -> RerankResult:
        command, _, rest = query.partition(" ")
        if command == "fail":
            service.fail(rest)
        return RerankResult(model=model, docs=ranked(query, docs, score_threshold, top_n))

    def _invoke_multimodal(
        self, model, credentials, query, docs, score_threshold=None, top_n=None, user=None
    ) -> MultiModalRerankResult:
        texts = [doc.content for doc in docs]
        return MultiModalRerankResult(
            model=model, docs=ranked(query.content, texts, score_threshold, top_n)
        )


def ranked(query: str, texts: list[str], threshold, top_n) -> list[RerankDocument]:
    """Rate texts, and leave out what the request does not want."""
    docs = [
        RerankDocument(index=i, text=text, score=service.score(query, text))
        for i, text in enumerate(texts)
    ]
    docs.sort(key=lambda doc: -doc.score)
    if threshold:
        docs = [doc for doc in docs if doc.score >= threshold]
    return docs[:top_n] if top_n else docs

from dify_plugin import OAICompatEmbeddingModel
from dify_plugin.entities.model import EmbeddingInputType
from dify_plugin.entities.model.text_embedding import (
    MultiModalContent,
    MultiModalEmbeddingResult,
    TextEmbeddingResult,
)
from dify_plugin.interfaces.model.text_embedding_model import TextEmbeddingModel

import service


class ParrotEmbedding(TextEmbeddingModel):
    @property
    def _invoke_error_mapping(self):
        return service.ERROR_MAPPING

    def get_customizable_model_schema(self, model, credentials):
        if not model.startswith("form"):
            return None
        return OAICompatEmbeddingModel.get_customizable_model_schema(self, model, credentials)

    def validate_credentials(self, model: str, credentials) -> None:
        service.authenticate(credentials)

    def get_num_tokens(self, model, credentials, texts: list[str]) -> list[int]:
        return [service.words(text) for text in texts]

    def _invoke(
        self, model, credentials, texts, user=None, input_type=EmbeddingInputType.DOCUMENT
    ) -> TextEmbeddingResult:
        for text in texts:
            command, _, rest = text.partition(" ")
            if command == "fail":
                service.fail(rest)
        tokens = sum(self.get_num_tokens(model, credentials, texts))
        return TextEmbeddingResult(
            model=model,
            embeddings=[
                [*service.vector(text.encode()), float(input_type == EmbeddingInputType.QUERY)]
                for text in texts
            ],
            usage=service.embedding_usage(self, model, credentials, tokens),
        )

    def _invoke_multimodal(
        self,
        model,
        credentials,
        documents: list[MultiModalContent],
        user=None,
        input_type=EmbeddingInputType.DOCUMENT,
    ) -> MultiModalEmbeddingResult:
        return MultiModalEmbeddingResult(
            model=model,
            embeddings=[service.vector(service.content(d)) for d in documents],
            usage=service.embedding_usage(self, model, credentials, len(documents)),
        )

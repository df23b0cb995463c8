import base64
from collections.abc import Generator, Iterator

from dify_plugin import LargeLanguageModel, OAICompatLargeLanguageModel
from dify_plugin.entities import I18nObject
from dify_plugin.entities.model import (
    AIModelEntity,
    FetchFrom,
    ModelFeature,
    ModelPropertyKey,
    ModelType,
    ParameterRule,
    ParameterType,
)
from dify_plugin.entities.model.llm import (
    LLMPollingResult,
    LLMPollingStatus,
    LLMResult,
    LLMResultChunk,
    LLMResultChunkDelta,
    LLMUsage,
)
from dify_plugin.entities.model.message import (
    AssistantPromptMessage,
    ImagePromptMessageContent,
    TextPromptMessageContent,
)

import service


class ParrotLLM(LargeLanguageModel):
    @property
    def _invoke_error_mapping(self):
        return service.ERROR_MAPPING

    def validate_credentials(self, model: str, credentials) -> None:
        service.authenticate(credentials)

    def get_num_tokens(self, model, credentials, prompt_messages, tools=None) -> int:
        return sum(service.words(m.get_text_content()) for m in prompt_messages) + len(tools or [])

    def get_customizable_model_schema(self, model, credentials) -> AIModelEntity | None:
        if model.startswith("unknown"):
            return None
        if model.startswith("form"):
            return OAICompatLargeLanguageModel.get_customizable_model_schema(
                self, model, credentials
            )
        return AIModelEntity(
            model=model,
            label=I18nObject(en_us=model),
            model_type=ModelType.LLM,
            fetch_from=FetchFrom.CUSTOMIZABLE_MODEL,
            features=[ModelFeature.MULTI_TOOL_CALL],
            model_properties={
                ModelPropertyKey.CONTEXT_SIZE: 1024,
                ModelPropertyKey.MODE: "chat",
            },
            parameter_rules=[
                ParameterRule(
                    name="temperature",
                    use_template="temperature",
                    label=I18nObject(en_us="Temperature"),
                    type=ParameterType.FLOAT,
                ),
                ParameterRule(
                    name="beak",
                    label=I18nObject(en_us="Beak"),
                    type=ParameterType.STRING,
                    options=["open", "shut"],
                ),
            ],
        )

    def _invoke(
        self,
        model,
        credentials,
        prompt_messages,
        model_parameters,
        tools=None,
        stop=None,
        stream=True,
        user=None,
    ) -> LLMResult | Generator[LLMResultChunk, None, None]:
        prompt = prompt_messages[-1].get_text_content()
        command, _, rest = prompt.partition(" ")
        if command == "fail":
            service.fail(rest)
        pieces = service.speak(
            prompt, prompt_messages, model_parameters, tools or [], stop or [], user
        )
        tokens = self.get_num_tokens(model, credentials, prompt_messages, tools)
        if stream:
            return self._stream(model, credentials, prompt, tokens, pieces)
        return self._result(model, credentials, tokens, pieces)

    def _stream(
        self, model, credentials, prompt: str, tokens: int, pieces: Iterator[service.Piece]
    ) -> Generator[LLMResultChunk, None, None]:
        index = 0
        for piece in self._thoughts_in_tags(pieces):
            yield LLMResultChunk(
                model=model, delta=LLMResultChunkDelta(index=index, message=message([piece]))
            )
            index += 1
        yield LLMResultChunk(
            model=model,
            delta=LLMResultChunkDelta(
                index=index,
                message=AssistantPromptMessage(content=""),
                usage=self._calc_response_usage(model, credentials, tokens, index),
                finish_reason=service.finish(prompt),
            ),
        )

    def _thoughts_in_tags(self, pieces: Iterator[service.Piece]) -> Iterator[service.Piece]:
        thinking = False
        for piece in pieces:
            if thinking or piece.reasoning:
                key = "reasoning_content" if piece.reasoning else "content"
                text, thinking = self._wrap_thinking_by_reasoning_content({key: piece.text}, thinking)
                yield service.Piece(text)
            else:
                yield piece

    def _result(self, model, credentials, tokens: int, pieces) -> LLMResult:
        written = list(self._thoughts_in_tags(pieces))
        usage = self._calc_response_usage(model, credentials, tokens, len(written))
        return LLMResult(model=model, message=message(written), usage=usage)

    def _start_polling(
        self,
        model,
        credentials,
        prompt_messages,
        model_parameters,
        tools=None,
        stop=None,
        stream=False,
        user=None,
        *,
        json_schema=None,
    ) -> LLMPollingResult:
        prompt = prompt_messages[-1].get_text_content()
        command, _, rest = prompt.partition(" ")
        if command == "fail":
            service.fail(rest)
        return LLMPollingResult(
            status=LLMPollingStatus.RUNNING,
            plugin_state={"prompt": prompt, "left": 1},
            next_check_after_seconds=2,
            expires_after_seconds=60,
            max_attempts=5,
        )

    def _check_polling(self, model, credentials, plugin_state, user=None) -> LLMPollingResult:
        prompt, left = plugin_state["prompt"], plugin_state["left"]
        if left > 0:
            return LLMPollingResult(
                status=LLMPollingStatus.RUNNING,
                plugin_state={"prompt": prompt, "left": left - 1},
            )
        if prompt == "refuse":
            return LLMPollingResult(status=LLMPollingStatus.FAILED, error="the parrot is tired")
        pieces = service.speak(prompt, [], {}, [], [], "")
        tokens = service.words(prompt)
        return LLMPollingResult(
            status=LLMPollingStatus.SUCCEEDED,
            result=self._result(model, credentials, tokens, pieces),
        )


def message(pieces: list[service.Piece]) -> AssistantPromptMessage:
    calls = [
        AssistantPromptMessage.ToolCall(
            id=id_,
            type="function",
            function=AssistantPromptMessage.ToolCall.ToolCallFunction(
                name=name, arguments=arguments
            ),
        )
        for piece in pieces
        for id_, name, arguments in piece.calls
    ]
    return AssistantPromptMessage(content=content(pieces), tool_calls=calls)


def content(pieces: list[service.Piece]):
    if not any(piece.image for piece in pieces):
        return "".join(piece.text for piece in pieces)
    parts: list = []
    for piece in pieces:
        if piece.text:
            parts.append(TextPromptMessageContent(data=piece.text))
        if piece.image:
            parts.append(
                ImagePromptMessageContent(
                    base64_data=base64.b64encode(piece.image).decode(),
                    format="png",
                    mime_type="image/png",
                )
            )
    return parts

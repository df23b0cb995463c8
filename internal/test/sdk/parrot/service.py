"""The service of the models, which computes what they answer. service.go is the same in Go."""

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from dify_plugin.entities.model import PriceType
from dify_plugin.entities.model.message import (
    AssistantPromptMessage,
    ImagePromptMessageContent,
    PromptMessage,
    PromptMessageTool,
    TextPromptMessageContent,
    ToolPromptMessage,
)
from dify_plugin.entities.model.text_embedding import EmbeddingUsage
from dify_plugin.errors.model import (
    CredentialsValidateFailedError,
    InvokeAuthorizationError,
    InvokeBadRequestError,
    InvokeConnectionError,
    InvokeError,
    InvokeRateLimitError,
    InvokeServerUnavailableError,
)


class Unauthorized(Exception):
    pass


class Limited(Exception):
    pass


class Down(Exception):
    pass


class Unreachable(Exception):
    pass


class Wrong(Exception):
    pass


FAILURES: dict[str, type[Exception]] = {
    "unauthorized": Unauthorized,
    "limited": Limited,
    "down": Down,
    "unreachable": Unreachable,
    "wrong": Wrong,
}

ERROR_MAPPING: dict[type[InvokeError], list[type[Exception]]] = {
    InvokeAuthorizationError: [Unauthorized],
    InvokeRateLimitError: [Limited],
    InvokeServerUnavailableError: [Down],
    InvokeConnectionError: [Unreachable],
    InvokeBadRequestError: [Wrong],
}


def fail(kind: str) -> None:
    raise FAILURES.get(kind, Exception)("the parrot bites")


def authenticate(credentials: dict) -> None:
    """Keys begin with "key-". The key "key-unreachable" is one for which the network fails."""
    key = credentials.get("api_key", "")
    if key == "key-unreachable":
        raise CredentialsValidateFailedError("the parrot has flown away")
    if not key.startswith("key-"):
        raise CredentialsValidateFailedError("the parrot does not know this key")


@dataclass
class Piece:
    """What the model writes next."""

    text: str = ""
    image: bytes = b""
    calls: list[tuple[str, str, str]] = field(default_factory=list)
    reasoning: bool = False


def words(text: str) -> int:
    return len(text.split())


def speak(
    prompt: str,
    messages: list[PromptMessage],
    parameters: dict,
    tools: list[PromptMessageTool],
    stop: list[str],
    user: str,
) -> Iterator[Piece]:
    """Do what the first word of the prompt says."""
    command, _, rest = prompt.partition(" ")
    match command:
        case "say":
            for word in rest.split(" "):
                yield Piece(word + " ")
        case "repeat":
            count, pause = map(int, rest.split(" "))
            due = time.perf_counter()
            for _ in range(count):
                due += pause / 1000
                if (wait := due - time.perf_counter()) > 0:
                    time.sleep(wait)
                yield Piece("word ")
        case "report":
            yield Piece(report(messages, parameters, tools, stop, user))
        case "call":
            for i, tool in enumerate(tools):
                arguments = json.dumps({"text": rest}, ensure_ascii=False, separators=(",", ":"))
                yield Piece(calls=[(f"call-{i}", tool.name, arguments)])
        case "picture":
            yield Piece("Look: ")
            yield Piece(image=rest.encode())
        case "think":
            for word in rest.split(" "):
                yield Piece(word + " ", reasoning=True)
            yield Piece("That is all.")
        case "block":
            size = int(rest.split()[0])
            answer = '```json\n{"answer": "yes"}\n```'
            for start in range(0, len(answer), size):
                yield Piece(answer[start : start + size])
        case "late":
            yield Piece("One moment. ")
            fail(rest)
        case "nothing":
            return
        case _:
            yield Piece(prompt)


def finish(prompt: str) -> str:
    return {"call": "tool_calls", "repeat": "length"}.get(prompt.partition(" ")[0], "stop")


def report(
    messages: list[PromptMessage],
    parameters: dict,
    tools: list[PromptMessageTool],
    stop: list[str],
    user: str,
) -> str:
    """Return all that has arrived, as JSON."""
    return json.dumps(
        {
            "messages": [describe(m) for m in messages],
            "parameters": parameters,
            "tools": [t.model_dump() for t in tools],
            "stop": stop,
            "user": user,
        }
    )


def describe(message: PromptMessage) -> dict:
    description: dict = {"role": message.role.value, "name": message.name}
    parts = message.content
    if not isinstance(parts, list):
        parts = [TextPromptMessageContent(data=parts)] if parts else []
    description["parts"] = [describe_part(p) for p in parts]
    if isinstance(message, AssistantPromptMessage):
        description["calls"] = [c.model_dump() for c in message.tool_calls]
        description["opaque"] = message.opaque_body
    if isinstance(message, ToolPromptMessage):
        description["call"] = message.tool_call_id
    return description


def describe_part(part) -> dict:
    if isinstance(part, TextPromptMessageContent):
        return {"text": part.data}
    description = {
        "type": part.type.value,
        "url": part.data,
        "format": part.format,
        "mime_type": part.mime_type,
        "filename": part.filename,
    }
    if isinstance(part, ImagePromptMessageContent):
        description["detail"] = part.detail.value
    return description


def vector(data: bytes) -> list[float]:
    """Return the length, the sum and the first byte, each as a part of something larger."""
    first = data[0] if data else 0
    return [len(data) / 1024, sum(data) % 997 / 997, first / 255]


def score(query: str, document: str) -> float:
    """Return which share of the query's words is in the document."""
    asked = query.split()
    if not asked:
        return 0.0
    known = set(document.split())
    return sum(word in known for word in asked) / len(asked)


def content(document) -> bytes:
    if document.content_type.value == "image":
        return base64.b64decode(document.content)
    return document.content.encode()


def embedding_usage(model, name: str, credentials: dict, tokens: int) -> EmbeddingUsage:
    price = model.get_price(name, credentials, PriceType.INPUT, tokens)
    return EmbeddingUsage(
        tokens=tokens,
        total_tokens=tokens,
        unit_price=price.unit_price,
        price_unit=price.unit,
        total_price=price.total_amount,
        currency=price.currency,
        latency=time.perf_counter() - model.started_at,
    )

"""Makes the calls that come as JSON with Dify's SDK for Python, and writes what it answers."""

import json
import sys

import dify_plugin  # noqa: F401 - it must come first
from dify_plugin.entities.model.message import (
    AssistantPromptMessage,
    PromptMessageTool,
    SystemPromptMessage,
    ToolPromptMessage,
    UserPromptMessage,
)
from dify_plugin.interfaces.model.ai_model import AIModel
from dify_plugin.interfaces.model.openai_compatible.llm import OAICompatLargeLanguageModel

ROLES = {
    "system": SystemPromptMessage,
    "user": UserPromptMessage,
    "assistant": AssistantPromptMessage,
    "tool": ToolPromptMessage,
}


def answer(call: dict) -> dict:
    model = OAICompatLargeLanguageModel(model_schemas=[])
    credentials = {"endpoint_url": call["url"], "api_key": call["key"], "mode": call["mode"], "function_calling_type": "tool_call"}
    messages = [ROLES[m["role"]].model_validate(m) for m in call["messages"]]
    tools = [PromptMessageTool.model_validate(t) for t in call["tools"] or []]
    result = model._invoke("small", credentials, messages, call["parameters"] or {}, tools, call["stop"], call["stream"], call["user"])
    if not call["stream"]:
        message, reason, usage = result.message, "", result.usage
        text, calls = message.content or "", list(message.tool_calls)
    else:
        text, calls, reason, usage = "", [], "", None
        for chunk in result:
            text += chunk.delta.message.content or ""
            calls += chunk.delta.message.tool_calls
            reason, usage = chunk.delta.finish_reason or reason, chunk.delta.usage or usage
    return {
        "Text": text,
        "Calls": [{"ID": c.id, "Name": c.function.name, "Arguments": c.function.arguments} for c in calls],
        "Reason": reason,
        "Tokens": [usage.prompt_tokens, usage.completion_tokens, usage.total_tokens],
    }


# The SDK would download what it counts tokens with.
AIModel._get_num_tokens_by_gpt2 = lambda self, text: 0

outcomes = []
for call in json.load(sys.stdin):
    try:
        outcomes.append(answer(call))
    except Exception as e:  # noqa: BLE001 - whatever a call may raise
        outcomes.append({"Error": type(e).__name__})
json.dump(outcomes, sys.stdout)

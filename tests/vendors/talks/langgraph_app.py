"""A graph for LangGraph's server: a model that says what it is told, and a node that waits for a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import interrupt

NAMED = {"model_name": "told-1"}
USAGE = {"input_tokens": 4, "output_tokens": 2, "total_tokens": 6}


class Model(BaseChatModel):
    """Answers in pieces; "agent" is answered by a call of a tool."""

    @property
    def _llm_type(self) -> str:
        return "told"

    def _generate(self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **more: Any) -> ChatResult:
        chunk = None
        for piece in self._stream(messages, run_manager=run_manager):
            chunk = piece.message if chunk is None else chunk + piece.message
        assert isinstance(chunk, AIMessageChunk)
        whole = AIMessage(
            content=chunk.content,
            tool_calls=chunk.tool_calls,
            usage_metadata=chunk.usage_metadata,
            response_metadata=chunk.response_metadata,
            id=chunk.id,
        )
        return ChatResult(generations=[ChatGeneration(message=whole)])

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **more: Any
    ) -> Iterator[ChatGenerationChunk]:
        text = str(messages[-1].content)
        if text == "break":
            raise ValueError("the model is broken")
        if text == "agent":
            call = {"name": "transfer_to_human", "args": "{}", "id": "t1", "index": 0, "type": "tool_call_chunk"}
            found = [AIMessageChunk(content="", tool_call_chunks=[call], usage_metadata=USAGE, response_metadata=NAMED)]
        else:
            found = [
                AIMessageChunk(content="You said "),
                AIMessageChunk(content=text, usage_metadata=USAGE, response_metadata=NAMED),
            ]
        for message in found:
            chunk = ChatGenerationChunk(message=message)
            if run_manager is not None:
                run_manager.on_llm_new_token(str(message.content), chunk=chunk)
            yield chunk


def answer(state: MessagesState) -> dict[str, Any]:
    messages = state["messages"]
    if messages[-1].content == "approve":
        return {"messages": [AIMessage(content=f"Approved: {interrupt('May I?')}")]}
    return {"messages": [Model().invoke(messages)]}


graph = StateGraph(MessagesState).add_node("answer", answer).add_edge(START, "answer").compile()

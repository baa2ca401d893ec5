"""An assistant for Chainlit's server: streams its answer; "break" is an error."""

from __future__ import annotations

import chainlit as cl


@cl.on_message
async def answer(message: cl.Message) -> None:
    if message.content == "break":
        raise ValueError("the model is broken")
    said = cl.Message(content="")
    for piece in ("You ", "said ", message.content):
        await said.stream_token(piece)
    await said.update()
    if message.content == "un conseiller":
        await cl.Message(content="Je vous mets en relation avec un conseiller.").send()

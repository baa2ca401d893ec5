"""Rasa does not install on our Python: a server that calls back as the source of its callback channel does, REST beside it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
from both import both
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

HANDOVER = "Je vous mets en relation avec un conseiller."
bot = ""  # where the bot is reached: directly, or through the product
called: list[Any] = []


def answer(asked: Any) -> list[dict[str, Any]]:
    texts = ["Un instant.", HANDOVER] if asked["message"] == "un conseiller" else [f"Vous avez dit : {asked['message']}"]
    return [{"recipient_id": asked["sender"], "text": text} for text in texts]


async def callback(request: Request) -> Response:
    async with httpx.AsyncClient(timeout=120) as http:
        for message in answer(await request.json()):
            await http.post(f"{bot}/bot", json=message)
    return PlainTextResponse("success")


async def rest(request: Request) -> Response:
    return JSONResponse(answer(await request.json()))


async def listen(request: Request) -> Response:
    called.append(await request.json())
    return PlainTextResponse("ok")


async def talk_to(url: str) -> list[Any]:
    heard: list[Any] = []
    called.clear()
    async with httpx.AsyncClient(timeout=120) as http:
        for sender, message in (("ada", "bonjour"), ("bob", "un conseiller")):
            posted = await http.post(f"{url}/webhooks/callback/webhook", json={"sender": sender, "message": message})
            heard.append([posted.text, *(call["text"] for call in called)])
            called.clear()
        posted = await http.post(f"{url}/webhooks/rest/webhook", json={"sender": "eve", "message": "bonjour"})
        heard.append(json.loads(posted.text))
    return heard


def talk(url: str) -> list[Any]:
    global bot  # noqa: PLW0603 - the server is told where its bot is, as by Rasa's credentials.yml
    bot = url
    return asyncio.run(talk_to(url))


paths = {"/webhooks/callback/webhook": callback, "/webhooks/rest/webhook": rest, "/bot": listen}
both(Starlette(routes=[Route(path, handler, methods=["POST"]) for path, handler in paths.items()]), talk)

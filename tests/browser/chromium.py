"""A real browser, driven over its DevTools protocol: one page at a time, and everything that it complains about."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final, Self

import aiohttp

from proxy.tasks import Tasks

START: Final = 60.0
"""Seconds that the browser may take to start on a machine that does other things as well."""
PATIENCE: Final = 30.0
"""Seconds for a page to load, or for something to show on it."""
POLL: Final = 0.05
LEAVING: Final = ("navigated or closed", "context was destroyed", "Cannot find context", "context with specified id")
"""What Chromium says of a question that was under way, or came too early, while the page made room for the next one."""


class PageLeftError(AssertionError):
    """The page that was asked is gone; the one that follows can be asked."""


class Browser:
    """A headless Chromium with a profile of its own."""

    def __init__(self, session: aiohttp.ClientSession, port: int) -> None:
        self._session = session
        self._port = port

    @asynccontextmanager
    async def page(self, *, width: int = 1280, height: int = 900, dark: bool = False, calm: bool = False) -> AsyncIterator[Page]:
        """A new tab of this size and these preferences (`calm`: reduced motion)."""
        address = f"http://127.0.0.1:{self._port}/json"
        async with self._session.put(f"{address}/new?about:blank") as answer:
            tab = await answer.json(content_type=None)
        async with self._session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0) as socket, Page(socket) as page:
            for domain in ("Page", "Runtime", "Log", "Network"):
                await page.call(f"{domain}.enable")
            await page.call("Network.setCacheDisabled", cacheDisabled=True)
            await page.shape(width=width, height=height, dark=dark, calm=calm)
            yield page
        async with self._session.get(f"{address}/close/{tab['id']}") as answer:
            await answer.read()


class Page:
    """One tab. `complaints` holds errors of the console, of scripts and of the content policy; `requests` every address."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._tasks = Tasks()
        self._number = 0
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._loaded = asyncio.Event()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.weight = 0  # bytes that came over the wire

    async def __aenter__(self) -> Self:
        self._tasks.start(self._read(), "devtools")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._tasks.stop()

    async def _read(self) -> None:
        async for message in self._socket:
            content = json.loads(message.data)
            if "id" in content:
                answer = self._waiting.pop(content["id"])
                if not answer.done():  # else nobody waits for it any longer
                    answer.set_result(content)
            else:
                self._note(content["method"], content["params"])

    def _note(self, method: str, params: dict[str, Any]) -> None:
        match method:
            case "Page.loadEventFired":
                self._loaded.set()
            case "Network.requestWillBeSent":
                self.requests.append(params["request"]["url"])
            case "Network.loadingFinished":
                self.weight += int(params["encodedDataLength"])
            case "Log.entryAdded" if params["entry"]["level"] in ("error", "warning"):
                self.complaints.append(params["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.complaints.append(params["exceptionDetails"]["text"])
            case "Runtime.consoleAPICalled" if params["type"] in ("error", "warning"):
                self.complaints.append(str(params["args"]))
            case _:
                pass

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One command of the protocol; gives its result."""
        self._number += 1
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[self._number] = answer
        await self._socket.send_json({"id": self._number, "method": method, "params": params})
        async with asyncio.timeout(PATIENCE):
            content = await answer
        if "error" in content:
            kind = PageLeftError if any(words in content["error"]["message"] for words in LEAVING) else AssertionError
            raise kind(f"{method}: {content['error']}")
        result: dict[str, Any] = content["result"]
        return result

    async def shape(self, *, width: int = 1280, height: int = 900, dark: bool = False, calm: bool = False) -> None:
        """Another size and other preferences, for the page that is open as well."""
        mobile = width < 600
        await self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        features = {"prefers-color-scheme": "dark" if dark else "light", "prefers-reduced-motion": "reduce" if calm else ""}
        await self.call(
            "Emulation.setEmulatedMedia", features=[{"name": name, "value": value} for name, value in features.items()]
        )

    async def open(self, url: str) -> None:
        """Go there and wait until it is loaded."""
        self._loaded.clear()
        await self.call("Page.navigate", url=url)
        async with asyncio.timeout(PATIENCE):
            await self._loaded.wait()

    async def follow(self, script: str) -> None:
        """Do what leads to another page, and wait until it is loaded."""
        self._loaded.clear()
        with suppress(PageLeftError):
            await self.run(script)
        async with asyncio.timeout(PATIENCE):
            await self._loaded.wait()

    async def run(self, script: str) -> Any:
        """The value of an expression on the page, awaited; the page's own policy does not bind the driver."""
        found = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise AssertionError(found["exceptionDetails"])
        return found["result"].get("value")

    async def until(self, script: str) -> Any:
        """The value of an expression once it is true: a page changes in its own time."""
        async with asyncio.timeout(PATIENCE):
            while True:  # another process can only be asked again
                with suppress(PageLeftError):
                    if value := await self.run(script):
                        return value
                await asyncio.sleep(POLL)

    async def press(self, *keys: str) -> None:
        """Keys of the keyboard, one after the other."""
        for key in keys:
            code = {"Tab": 9, "Enter": 13}.get(key) or ord(key)
            text = {} if key == "Tab" else {"text": "\r" if key == "Enter" else key}
            stroke = {"key": key, "windowsVirtualKeyCode": code}
            await self.call("Input.dispatchKeyEvent", type="keyDown", **stroke, **text)
            await self.call("Input.dispatchKeyEvent", type="keyUp", **stroke)


@asynccontextmanager
async def chromium(command: str, profile: Path) -> AsyncIterator[Browser]:
    """Run a browser until the block ends."""
    options: Sequence[str] = (
        "--headless=new",
        "--no-sandbox",  # the tests may run as root
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
        "about:blank",
    )
    process = await asyncio.create_subprocess_exec(
        command, *options, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with aiohttp.ClientSession() as session:
            yield Browser(session, await _port(profile / "DevToolsActivePort"))
    finally:
        process.terminate()
        await process.wait()


async def _port(file: Path) -> int:
    async with asyncio.timeout(START):
        while True:
            lines = file.read_text().splitlines() if file.exists() else []  # noqa: ASYNC240 - a local file of two lines
            if len(lines) > 1:
                return int(lines[0])
            await asyncio.sleep(POLL)

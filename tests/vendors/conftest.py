"""Vendors' servers and clients, in environments of their own (see .ci/run), and the product between them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.vendors.house import House, equal

TALKS: Final = Path(__file__).parent / "talks"
TALK_TIME: Final = 300.0
"""Seconds that a talk may take on a machine that does other things as well."""

Talk = Callable[[str], Any]

_BY_HEADERS: Final = {"identity": {"user": ["header:x-user"], "conversation": ["header:x-conversation"]}}
"""For APIs that tell neither person nor conversation: a gateway before the proxy would."""

ASSISTANTS: Final[dict[str, dict[str, Any]]] = {
    "a2a_agent": {},
    "agui_agent": {},
    "anthropic_messages": {"identity": {"conversation": ["header:x-conversation"]}},
    "aws": {},
    "botpress": {"preset": "botpress-chat"},  # whose user is a credential: hashed only for a preset that is named
    "chainlit_polling": {},
    "chainlit_server": {},
    "composed": {
        "preset": ["openai-chat", "langfuse-score", "chatwoot-status", "sunco-switchboard", "sunco-webhook", "intercom-webhook"]
    },
    "dialogflow": {},
    "dify": {},
    "directline": {},
    "flowise": {},
    "gemini": _BY_HEADERS,
    "langgraph_server": {},
    "langserve_chain": {},
    "mcp_tools": {},
    "mistral": _BY_HEADERS,
    "ollama_chat": _BY_HEADERS,
    "openai_apis": {},
    "openai_realtime": {},
    "rasa_callback": {},
    "vercel_ui": {},
    "voiceflow": {},
}
"""By the name of the talk. Where none is named, the product chooses the preset."""


@pytest.fixture(scope="session")
def vendors() -> Path:
    """The directory that .ci/vendors/install made."""
    found = os.environ.get("KPI_PROXY_VENDORS")
    if found is None:
        if os.environ.get("KPI_PROXY_REQUIRE_SERVICES"):
            pytest.fail("KPI_PROXY_VENDORS is missing, and KPI_PROXY_REQUIRE_SERVICES is set")
        pytest.skip("the vendors' packages are not installed (KPI_PROXY_VENDORS)")
    return Path(found)


@pytest.fixture(scope="session")
def house(vendors: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("house"), ASSISTANTS)
    yield house
    house.stop()


@pytest.fixture
def talk(house: House, vendors: Path) -> Talk:
    """Runs a talk of `talks/` with the server on the assistant's port, directly and through the product; gives what was heard."""

    def run(name: str) -> Any:
        (program,) = TALKS.glob(f"{name}.*")
        environment = "chainlit" if name.startswith("chainlit") else "python"
        python = program.suffix == ".py"
        command = str(vendors / environment / "bin" / "python") if python else shutil.which("node")
        assert command is not None, "node is missing"
        ended = subprocess.run(
            [command, str(program), str(house.ports[name]), house.url(name)],
            capture_output=True,
            timeout=TALK_TIME,
            check=False,
            env={**os.environ, "VENDORS": str(vendors)},
        )
        assert ended.returncode == 0, ended.stderr.decode()[-4000:]
        return equal(json.loads(ended.stdout.splitlines()[-1]))

    return run

"""Mock and driver, compiled once into a scratch directory, and what the driver says."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import msgspec

HERE = Path(__file__).parent


class Requests(msgspec.Struct, frozen=True):
    """JSON turns; latencies in microseconds."""

    sent: int
    ok: int
    errors: int
    per_second: float
    latency_p50: float
    latency_p99: float


class Streams(msgspec.Struct, frozen=True):
    """Event streams; times in microseconds. `per_second` counts events while all streams are open, -1 when they never were."""

    sent: int
    ok: int
    errors: int
    events: int
    per_second: float
    first_p50: float
    first_p99: float
    delay_p50: float
    delay_p99: float


@dataclass(frozen=True, slots=True)
class Programs:
    """Paths of the compiled programs."""

    mock: Path
    drive: Path

    def requests(self, port: int, connections: int, seconds: float, rate: float = 0.0) -> Requests:
        """Drive JSON turns from core 0."""
        return msgspec.json.decode(self._run(port, "requests", connections, seconds, rate), type=Requests)

    def streams(self, port: int, connections: int, events: int, interval: float) -> Streams:
        """Drive streams from core 0; `interval` in seconds."""
        return msgspec.json.decode(self._run(port, "streams", connections, events, round(interval * 1e6)), type=Streams)

    def _run(self, *arguments: object) -> bytes:
        command = ["taskset", "-c", "0", str(self.drive), *map(str, arguments)]
        return subprocess.run(command, check=True, capture_output=True, timeout=120).stdout


def compiled() -> Programs:
    """Compile what is not there yet; the name of the directory is the hash of the sources."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise FileNotFoundError("the benchmark needs a C compiler (cc): its mock and driver must cost next to nothing")
    sources = [HERE / name for name in ("common.h", "mock.c", "drive.c")]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"kpi-proxy-bench-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    for name in ("mock", "drive"):
        if not (folder / name).exists():
            part = folder / f"{name}.part"
            subprocess.run([compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-o", part, HERE / f"{name}.c"], check=True)
            part.rename(folder / name)
    return Programs(folder / "mock", folder / "drive")

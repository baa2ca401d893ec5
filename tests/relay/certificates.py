"""Certificates for tests, made by the openssl tool."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest


class Certificate(NamedTuple):
    """PEM files of a self-signed certificate, which is its own authority."""

    file: str
    key: str


def certificate(directory: Path, name: str = "localhost") -> Certificate:
    """A certificate for a host name, in files named after it."""
    tool = shutil.which("openssl")
    if tool is None:
        pytest.skip("no openssl to make a certificate with")
    made = Certificate(str(directory / f"{name}.pem"), str(directory / f"{name}.key"))
    subject = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    make = [tool, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subprocess.run([*make, "-keyout", made.key, "-out", made.file, *subject], check=True, capture_output=True)
    return made

"""What is read of people's opinions in their own messages, as settings."""

from __future__ import annotations

from proxy.settings.base import Path
from proxy.settings.base import Section as _Settings


class Opinions(_Settings, frozen=True, kw_only=True):
    """Ratings that people type, and how their messages sound. Neither is ever part of satisfaction."""

    typed: bool = True
    sentiment: bool = False  # an estimate of people's moods: their employer has to want it
    words: Path | None = None  # own words with weights, which decide before the rules

"""Who scores answers, as settings: people in a queue, a language model as a judge. Both are off until a share is given."""

from __future__ import annotations

from typing import Literal

from proxy.settings.base import Duration, Path, Share
from proxy.settings.base import Section as _Settings


class Reviews(_Settings, frozen=True, kw_only=True):
    """Answers that people score: the texts of some conversations are kept for it, sealed, for days."""

    share: Share = 0.0  # of the conversations; 0: off
    key_file: Path | None = None  # 64 hex digits, the key that texts are sealed with in the store
    daily: int = 50  # conversations of a day at most
    keep: Duration = 7 * 86400.0  # texts, from the first one of a conversation
    redact: bool = True  # addresses, phone and account numbers are taken out before anything is kept
    reviewers: int = 1  # 2: a second person scores as well

    @property
    def on(self) -> bool:
        """Whether texts are kept."""
        return self.share > 0


class Judge(_Settings, frozen=True, kw_only=True):
    """Answers that a model scores, at an OpenAI-compatible endpoint; it gets redacted texts."""

    share: Share = 0.0  # of the conversations; 0: off
    url: str = ""  # the base, as https://api.example.org/v1
    model: str = ""
    key_file: Path | None = None  # holds the API key
    rubric: Path | None = None  # what the judge is told; none: that which ships, in `language`
    language: Literal["en", "fr"] = "en"
    timeout: Duration = 30.0
    attempts: int = 3
    together: int = 1  # calls at a time
    day_tokens: int = 100_000  # over all hosts; what would pass them is not asked
    month_tokens: int = 2_000_000
    day_cost: float | None = None  # in value.currency, over all hosts; none: no limit of money
    month_cost: float | None = None
    costs: bool = False  # its tokens are part of what the assistant costs

    @property
    def on(self) -> bool:
        """Whether a model is asked."""
        return self.share > 0

"""Every sentence in both languages. A key without one of them can't be written: the pair is the value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from proxy.words.evidence import EVIDENCE
from proxy.words.figures import FIGURES
from proxy.words.formats import Language, spaced
from proxy.words.pages import PAGES
from proxy.words.report import REPORT
from proxy.words.reviews import REVIEWS
from proxy.words.survey import SURVEY
from proxy.words.value import VALUE_WORDS
from proxy.words.views import VIEWS
from proxy.words.workshop import WORKSHOP

_ALL: Final[Mapping[str, tuple[str, str]]] = {
    **EVIDENCE,
    **FIGURES,
    **PAGES,
    **REPORT,
    **REVIEWS,
    **SURVEY,
    **VALUE_WORDS,
    **VIEWS,
    **WORKSHOP,
}

CATALOGUE: Final[Mapping[str, tuple[str, str]]] = {key: (english, spaced(french)) for key, (english, french) in _ALL.items()}
"""In the rooms' files French has plain spaces, which can be seen; here those before its signs hold."""


class Words:
    """The catalogue in one language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._at = 0 if language == "en" else 1

    def __call__(self, key: str, **values: object) -> str:
        """The sentence with its values put in."""
        return CATALOGUE[key][self._at].format(**values)

    def listed(self, parts: Iterable[str]) -> str:
        """One after the other, as the language parts them."""
        return ("; ", spaced(" ; "))[self._at].join(parts)

    def reason(self, name: str | None) -> str:
        """Why a figure can't be given."""
        key = f"reason.{name}"
        return self(key if key in CATALOGUE else "reason.other")

"""What judges how messages sound, for each assistant whose settings ask for it."""

from __future__ import annotations

from collections.abc import Iterable

from proxy.meaning.lexicons import compile_lexicons, compile_own
from proxy.meaning.sentiment import LexiconScorer, OwnWords, Scorer
from proxy.settings.files import raw_lexicons, raw_words
from proxy.settings.model import Assistant


def scorers(assistants: Iterable[Assistant]) -> dict[str, Scorer]:
    """Give the scorers by assistant; raises as the readers of files do, and `RulesError`."""
    asked = {each.name: each.opinions.words for each in assistants if each.opinions.sentiment}
    if not asked:
        return {}
    shipped = LexiconScorer(compile_lexicons(raw_lexicons()))
    own = compile_own(raw_words({path for path in asked.values() if path is not None}))
    return {name: shipped if path is None else OwnWords(own[path], shipped) for name, path in asked.items()}

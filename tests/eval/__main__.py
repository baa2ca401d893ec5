"""`make eval`: how well the rules tell handovers, questions asked again, feelings and typed ratings, over tests/corpus.

python -m tests.eval [--part tuning|held-out]

Sentences that came out wrong are shown for the tuning part alone: who reads those of the held-out part tunes on them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import get_args

from proxy.meaning.markerfiles import compile_markers
from proxy.meaning.markers import Markers
from proxy.settings.files import known_names, raw_markers
from proxy.settings.model import Markers as Rules

from . import opinions
from .questions import Tally, found, pairs, tallies
from .scores import Judged, Score, judge, scores, share
from .sentences import PACKS, Part, sentences


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; the exit status says whether they could be had, the tests hold them."""
    parser = argparse.ArgumentParser(prog="python -m tests.eval", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--part", choices=get_args(Part), help="one part only (default: both)")
    part: Part | None = parser.parse_args(arguments).part
    markers = marker_rules(Rules().files)
    judged = [judge(markers, said) for said in sentences() if part in (None, said.part)]
    packs = marker_rules(known_names().markers)
    abroad = [judge(packs, said) for said in sentences(PACKS) if part in (None, said.part)]
    for each in get_args(Part):
        if part in (None, each):
            sys.stdout.write("\n".join(table(scores(judged, each))) + "\n\n")
            told = [score for score in scores(abroad, each, ("de", "es")) if score.n]
            sys.stdout.write("\n".join(table(told)) + "\n\n")
    for each in get_args(Part):
        if part in (None, each):
            sys.stdout.write("\n".join(again(tallies(each))) + "\n\n")
            sys.stdout.write("\n".join(opinions.lines(each)) + "\n\n")
    wrong = [each for each in (*judged, *abroad) if each.said.part == "tuning" and each.found != each.said.expected]
    sys.stdout.writelines(failing(each) for each in wrong)
    for pair in [*pairs("fr"), *pairs("en")] if part != "held-out" else ():
        if pair.part == "tuning" and found(pair) != pair.again:
            sys.stdout.write(f"{'again' if pair.again else 'other':>9} ->           {pair.tag}: {pair.before!r} {pair.after!r}\n")
    if part != "held-out":
        sys.stdout.writelines(opinions.failing())
    return 0


def marker_rules(files: Iterable[str]) -> Markers:
    """The rules of some files that ship."""
    return Markers(compile_markers(raw_markers(sorted(files))).values())


def table(rows: Sequence[Score]) -> list[str]:
    """Show scores as lines; `n` and precision, recall with their intervals."""
    lines = [f"{'part':9} {'class':10} {'lang':5} {'n':>4} {'found':>5}  {'precision, 95 %':21}  {'recall, 95 %':21}"]
    return lines + [
        f"{row.part:9} {row.name:10} {row.language or 'both':5} {row.n:4} {row.found:5}"
        f"  {share(row.right, row.found)}  {share(row.right, row.n)}".rstrip()
        for row in rows
    ]


def again(rows: Sequence[Tally]) -> list[str]:
    """Show how well a question that is asked again is told from a sequel."""
    lines = [f"{'part':9} {'question':10} {'lang':5} {'n':>4} {'found':>5}  {'precision, 95 %':21}  {'recall, 95 %':21}"]
    return lines + [
        f"{row.part:9} {'again':10} {row.language or 'both':5} {row.n:4} {row.found:5}"
        f"  {share(row.right, row.found)}  {share(row.right, row.n)}".rstrip()
        for row in rows
    ]


def failing(judged: Judged) -> str:
    """Show a sentence that came out wrong, with the rule that hit it."""
    said = judged.said
    where = f"{said.side} {said.language} {said.tag}"
    return f"{said.expected:>9} -> {judged.found:9} {where}: {said.text!r} {judged.rule}\n"


if __name__ == "__main__":
    sys.exit(main())

"""The command `kpi-proxy`: finds the verb, and says on the terminal what went wrong.

Exit status: 0 fine, 1 it ran and failed, 2 it was asked wrongly (options or settings), as is the custom of argparse.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from proxy import __version__
from proxy.settings.problem import SettingsError
from proxy.verbs import (
    annotate,
    baseline,
    bundle,
    check,
    demo,
    explain,
    forget,
    keep,
    kpis,
    learn,
    markers,
    proofs,
    record,
    replay,
    report,
    serve,
    status,
    token,
    value,
)

VERBS = (
    *(serve, check, kpis, value, baseline, proofs, report, status, record, explain, learn, replay),
    *(markers, bundle, keep, forget, annotate, token, demo),
)

_EXAMPLES = """\
examples:
  kpi-proxy serve --upstream http://rasa:5005            an assistant behind port 8080, figures on port 8081
  kpi-proxy serve --upstream https://api.example.org --listen :80 --preset openai-chat
  kpi-proxy serve --config kpi-proxy.yaml --workers 4    several assistants, every setting
  kpi-proxy check --config kpi-proxy.yaml                all errors at once, no socket opened
  kpi-proxy value --assistant rh                         what it costs and what it is worth, with the assumptions
  kpi-proxy kpis --from 2026-10-01 --to 2026-10-31       the figures of a running proxy as a table
  kpi-proxy report --month 2026-10 --lang fr             the month on paper, a page for each audience
  kpi-proxy backup figures.tar.gz                        secret, outbox and embedded store, while it runs or not
  kpi-proxy status                                       how a running proxy is doing, refreshed on the spot
  kpi-proxy record talk.jsonl --upstream http://bot:9000 live traffic, redacted, to explain, learn from and replay
  kpi-proxy demo                                         a demo assistant with some weeks of history

Each option of serve also has a variable: KPI_PROXY_UPSTREAM, _LISTEN, _CONSOLE, _STATE, _REDIS_URL, _PRESET, _WORKERS, _CONFIG.
The command line wins over the environment, the environment over the file.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a verb; returns the exit status."""
    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except SettingsError as error:
        for problem in error.problems:
            print(f"error: {problem}", file=sys.stderr)
        count = len(error.problems)
        print(f"{count} error{'s' if count > 1 else ''}, nothing was started", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130  # as a shell reports SIGINT
    except BrokenPipeError:  # `kpi-proxy kpis | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kpi-proxy",
        description="A transparent proxy that tells from its traffic how well an AI assistant serves people.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"kpi-proxy {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb in VERBS:
        verb.add(verbs)
    return parser

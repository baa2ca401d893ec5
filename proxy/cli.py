"""The command `kpi-proxy`: serve, check, kpis, backup, restore, move, demo.

Exit status: 0 fine, 1 it ran and failed, 2 it was asked wrongly (options or settings), as is the custom of argparse.
Rooms are imported by the verb that needs them, so that `--help` and settings errors cost nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from proxy import __version__
from proxy.settings.load import FILE_VARIABLE, load
from proxy.settings.model import Settings
from proxy.settings.problem import Problem, SettingsError
from proxy.settings.summary import summary

_EXAMPLES = """\
examples:
  kpi-proxy serve --upstream http://rasa:5005            an assistant behind port 8080, figures on port 8081
  kpi-proxy serve --upstream https://api.example.org --listen :80 --preset openai-chat
  kpi-proxy serve --config kpi-proxy.yaml --workers 4    several assistants, every setting
  kpi-proxy check --config kpi-proxy.yaml                all errors at once, no socket opened
  kpi-proxy kpis --from 2026-10-01 --to 2026-10-31       the figures of a running proxy as a table
  kpi-proxy backup figures.tar.gz                        secret, outbox and embedded store, while it runs or not
  kpi-proxy demo                                         a demo assistant with some weeks of history

Each option of serve also has a variable: KPI_PROXY_UPSTREAM, _LISTEN, _CONSOLE, _STATE, _REDIS_URL, _PRESET, _WORKERS, _CONFIG.
The command line wins over the environment, the environment over the file.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a verb; returns the exit status."""
    parsed = _parser().parse_args(arguments)
    try:
        match parsed.verb:
            case "serve":
                return _serve(parsed)
            case "check":
                return _check(parsed)
            case "kpis":
                return _kpis(parsed)
            case "backup" | "restore" | "move":
                return _keep(parsed)
            case _:
                return _demo(parsed)
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

    serve = verbs.add_parser("serve", help="stand in front of assistants and keep their figures")
    serve.add_argument("--upstream", metavar="URL", help="where the assistant answers, as http://HOST:PORT")
    serve.add_argument("--preset", metavar="NAME", help="what API the assistant speaks (default: found out from the traffic)")
    serve.add_argument("--config", metavar="FILE", help="the settings file, see config/kpi-proxy.yaml")
    serve.add_argument("--workers", metavar="N", help="relay processes (default: 1)")
    _common(serve)

    check = verbs.add_parser("check", help="check the settings, presets and markers; open nothing")
    check.add_argument("--config", metavar="FILE", help="the settings file")
    check.add_argument("--upstream", metavar="URL", help="as for serve")

    kpis = verbs.add_parser("kpis", help="print the figures of a running proxy")
    kpis.add_argument(
        "--console", metavar="ADDR", default="127.0.0.1:8081", help="address or URL of its console (default: %(default)s)"
    )
    kpis.add_argument("--assistant", metavar="NAME", help="only this assistant")
    kpis.add_argument("--from", dest="first", metavar="DATE", help="first day, YYYY-MM-DD")
    kpis.add_argument("--to", dest="last", metavar="DATE", help="last day, included")
    kpis.add_argument("--token-file", metavar="FILE", help="file with the console's token, where it asks for one")
    kpis.add_argument("--json", action="store_true", help="the API's answer as it is, one line for each assistant")

    for name, about in (
        ("backup", "write secret, outbox and embedded store into one file; also while kpi-proxy runs"),
        ("restore", "put a backup into an empty state directory, its store into the embedded one or --store"),
        ("move", "copy the embedded store into the Redis or Valkey of --store; kpi-proxy is stopped"),
    ):
        keep = verbs.add_parser(name, help=about)
        if name != "move":
            keep.add_argument("file", metavar="FILE", help="the backup")
        keep.add_argument("--config", metavar="FILE", help="the settings file")
        keep.add_argument("--state", metavar="DIR", help="the state directory")
        keep.add_argument("--store", metavar="URL", help="the store, when it is not the embedded one")

    demo = verbs.add_parser("demo", help="serve a demo assistant with its people and some weeks of history")
    demo.add_argument("--workers", metavar="N", type=int, help="relay processes (default: 1)")
    _common(demo)
    demo.add_argument("--seconds", metavar="N", type=float, help="stop by itself after so long")
    demo.add_argument("--no-history", dest="history", action="store_false", help="start without the weeks before today")
    demo.add_argument("--speed", metavar="X", type=float, default=1.0, help="divide every wait of assistant and people by X")
    return parser


def _common(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--listen", metavar="HOST:PORT", help="where clients come (default: 127.0.0.1:8080)")
    verb.add_argument("--console", metavar="HOST:PORT", help="page, API and /metrics (default: 127.0.0.1:8081)")
    verb.add_argument("--state", metavar="DIR", help="directory of secret, outbox and embedded store")
    verb.add_argument("--store", metavar="URL", help="redis:// or rediss:// URL (default: an embedded store)")


def _settings(parsed: argparse.Namespace) -> Settings:
    names = ("upstream", "preset", "listen", "console", "state", "config", "workers", "store")
    return load({f"--{name}": getattr(parsed, name, None) for name in names}, os.environ, Path.cwd())


def _checked(parsed: argparse.Namespace) -> Settings:
    """The settings, when neither they nor the rules they lead to have a fault; raises `SettingsError` with all of both."""
    from proxy.rules import rules_problems

    settings, found = None, list[Problem]()
    try:
        settings = _settings(parsed)
    except SettingsError as error:
        found += error.problems
    found += rules_problems(settings)
    if found or settings is None:
        raise SettingsError(found)
    return settings


def _serve(parsed: argparse.Namespace) -> int:
    settings = _checked(parsed)
    from proxy import supervisor

    return supervisor.run(settings, lambda: _checked(parsed))


def _check(parsed: argparse.Namespace) -> int:
    print(summary(_checked(parsed)))
    return 0


def _kpis(parsed: argparse.Namespace) -> int:
    from proxy.kpis import Asker, AskError, decoded, table, token_of

    try:
        asker = Asker(parsed.console, token_of(parsed.token_file))
        for name in [parsed.assistant] if parsed.assistant else asker.assistants():
            answer = asker.figures(name, parsed.first, parsed.last)
            print(answer.decode().strip() if parsed.json else f"{table(decoded(answer))}\n")
    except AskError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _keep(parsed: argparse.Namespace) -> int:
    from proxy.keeping import KeepingError, backup, move, restore

    if not (parsed.config or os.environ.get(FILE_VARIABLE)):
        parsed.upstream = "http://127.0.0.1"  # settings name an assistant; which one is nothing to a state directory
    settings = _settings(parsed)
    try:
        match parsed.verb:
            case "backup":
                print(backup(settings, Path(parsed.file)))
            case "restore":
                print(restore(settings, Path(parsed.file)))
            case _:
                print(move(settings))
    except (KeepingError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _demo(parsed: argparse.Namespace) -> int:
    from proxy.demo import run

    names = ("listen", "console", "state", "workers", "store", "seconds", "history", "speed")
    return run.main(**{name: value for name in names if (value := getattr(parsed, name)) is not None})

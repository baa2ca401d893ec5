"""Which panel is drawn by whom."""

from __future__ import annotations

from typing import assert_never

from proxy.console import crowds, lacking, sessions, times
from proxy.console.basis import basis
from proxy.console.panels import Panel
from proxy.console.reader import Read
from proxy.console.views import PanelName
from proxy.words.catalogue import Words


def panel(name: PanelName, read: Read, words: Words) -> Panel:
    """Draw one of a view's panels."""
    match name:
        case "outcomes":
            return sessions.outcomes(read, words)
        case "flow":
            return sessions.flowing(read, words)
        case "ends":
            return sessions.ends(read, words)
        case "handovers":
            return sessions.handovers(read, words)
        case "topics":
            return lacking.topics(read, words)
        case "times":
            return times.histogram(read, words)
        case "rhythm":
            return times.rhythm(read, words)
        case "cohorts":
            return crowds.cohorts(read, words)
        case "departments":
            return crowds.departments(read, words)
        case "channels":
            return crowds.channels(read, words)
        case "basis":
            return basis(read, words)
        case _:
            assert_never(name)

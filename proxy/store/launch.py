"""How the embedded server becomes a process that ends with its parent.

Some Python that sets the parent-death signal and then becomes the server; not `preexec_fn`, which runs code between fork
and exec of a process with threads. On systems without the signal the server stays behind when its parent is killed; the next
start tells it to end (proxy.store.embedded).
"""

from __future__ import annotations

from typing import Final

LAUNCHER: Final = """
import os, signal, sys
parent, *command = sys.argv[1:]
if sys.platform == "linux":
    import ctypes
    ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != int(parent):
        sys.exit("the parent is gone")
os.execv(command[0], command)
"""
"""Arguments: the parent's process id, then the command. 1 is PR_SET_PDEATHSIG; it outlives the exec, and a parent that was gone
before it was set is found by its id."""

"""`python -m proxy.relay`: the plan comes on standard input, the listening sockets by inheritance."""

import sys

# msgspec looks for it at its import and does without it on any Python we run on; it would cost each relay 2-4 MiB.
sys.modules["typing_extensions"] = None  # type: ignore[assignment]  # None is how Python notes that there is none

from proxy.logs import set_up  # noqa: E402 - after the line above
from proxy.parent import read_plan  # noqa: E402
from proxy.relay.plan import RelayPlan  # noqa: E402
from proxy.relay.worker import main  # noqa: E402

if __name__ == "__main__":
    plan = read_plan(RelayPlan)
    set_up(plan.log)
    main(plan)

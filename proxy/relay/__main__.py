"""`python -m proxy.relay`: the plan comes on standard input, the listening sockets by inheritance."""

from proxy.logs import set_up
from proxy.parent import read_plan
from proxy.relay.plan import RelayPlan
from proxy.relay.worker import main

if __name__ == "__main__":
    plan = read_plan(RelayPlan)
    set_up(plan.log)
    main(plan)

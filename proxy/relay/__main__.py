"""`python -m proxy.relay`: the plan comes as JSON on standard input, the listening sockets by inheritance."""

import logging
import sys

import msgspec

from proxy.relay.plan import RelayPlan
from proxy.relay.worker import main

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    main(msgspec.json.decode(sys.stdin.buffer.read(), type=RelayPlan))

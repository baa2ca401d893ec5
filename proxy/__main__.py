"""`python -m proxy` is `kpi-proxy`."""

import sys

from proxy.cli import main

sys.exit(main())

"""For every test: no example of hypothesis is timed, and where services are insisted on, all runs try the same ones."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "suite",
    deadline=None,  # a busy machine is no fault of the code's
    derandomize=bool(os.environ.get("KPI_PROXY_REQUIRE_SERVICES")),  # chance searches at the desk and in `make fuzz`
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("suite")

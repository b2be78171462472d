"""What is probed, and how often: the manifest's values, once."""

from typing import Final

STARTUP: Final = "/health/startup/"
LIVE: Final = "/health/live/"
READY: Final = "/health/ready/"

# k8s/base: liveness, readiness, startup; preStop and the grace behind it.
LIVE_PERIOD_S, LIVE_TIMEOUT_S, LIVE_FAILURES = 10, 2, 6
READY_PERIOD_S, READY_TIMEOUT_S, READY_FAILURES, READY_SUCCESSES = 5, 1, 3, 2
STARTUP_PERIOD_S, STARTUP_TIMEOUT_S, STARTUP_FAILURES = 2, 1, 90
DRAIN_S: Final = 10
GRACE_S: Final = 60

# How long it takes until no new request comes to a pod that is being deleted.
ENDPOINTS_LAG_S: Final = 1.0
# A container that ends again is started later each time.
RESTART_AFTER_S: Final = (0, 10, 20, 40, 80, 160, 300)

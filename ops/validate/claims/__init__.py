"""One file per claim. A new one is listed here and nowhere else."""

from collections.abc import Sequence

from ops.validate.claim import Claim
from ops.validate.claims import (
    autoscaling,
    backups,
    certificates,
    database_link,
    endpoints,
    network,
    plaintext,
    pods,
    probe_answers,
    probes,
    replicas,
    schema,
    serving_role,
)

ALL: Sequence[Claim] = (
    pods.CLAIM,
    probes.CLAIM,
    probe_answers.CLAIM,
    database_link.CLAIM,
    plaintext.CLAIM,
    serving_role.CLAIM,
    certificates.CLAIM,
    schema.CLAIM,
    replicas.CLAIM,
    backups.CLAIM,
    endpoints.CLAIM,
    network.CLAIM,
    autoscaling.CLAIM,
)

"""Jobs of the stock. Each bears running twice."""

from typing import Final

from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from apps.inventory.services import reservations
from apps.inventory.services.intake import uploads
from apps.inventory.services.intake.progress import told_at_once
from apps.shops.models import Shop
from apps.shops.scope import shop_scope

_DATABASE_AWAY: Final = (OperationalError, InterfaceError)


@app.task(
    name=uploads.BRING_IN,
    retry=RetryStrategy(max_attempts=20, linear_wait=5, retry_exceptions=_DATABASE_AWAY),
)
def bring_in(shop_id: int, upload_id: int) -> None:
    """Bring a file of pieces in, and tell its page how far it is."""
    try:
        with shop_scope(shop_id), told_at_once(shop_id=shop_id, upload_id=upload_id) as progress:
            uploads.bring_in(upload_id=upload_id, at=timezone.now(), progress=progress)
    except _DATABASE_AWAY:
        raise
    except Exception:
        # A bug, which goes on up to the log; its page must not wait for ever.
        failure = _("The file was not brought in. Nothing was written. Tell who keeps the program.")
        with shop_scope(shop_id):
            uploads.note_failure(upload_id=upload_id, failure=failure)
        raise


@app.periodic(cron="17 * * * *")
@app.task(name="inventory.release_expired", queueing_lock="inventory.release_expired")
def release_expired_everywhere(timestamp: int) -> None:
    """Let go what was kept until yesterday, every hour: each shop's day begins at its own."""
    now = timezone.now()
    for shop in Shop.objects.order_by("pk"):
        with shop_scope(shop.pk):
            reservations.expire(shop=shop, at=now)

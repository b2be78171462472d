"""Jobs that a sale enqueues in its own transaction. They run in apps.sales.tasks."""

from procrastinate.contrib.django import app

from apps.sales.models import Sale


def mail_receipt_later(*, sale: Sale) -> None:
    """Mail the receipt once the sale is committed; a sale that rolls back mails nothing.

    Deferred by name, since tasks stand above services. Ids only: any shop's
    code can read the arguments of a job.
    """
    app.configure_task("sales.mail_receipt", allow_unknown=False, queue="mail").defer(
        shop_id=sale.shop_id, sale_id=sale.pk
    )

"""Jobs of the counter. They carry ids, open their own shop's scope, and bear running twice."""

from email.utils import formataddr, parseaddr
from smtplib import SMTPException
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from apps.core import formatting
from apps.core.errors import Unavailable
from apps.sales.models import Paper, Sale
from apps.sales.receipts.bill import Bill
from apps.sales.receipts.pdf import pdf_of
from apps.sales.receipts.prints import is_mailed, remember_mail
from apps.sales.receipts.read import bill_of, sale_by_id
from apps.shops.scope import shop_scope

# After 10 s, 100 s, 17 min and 3 h: a mail server that is restarted, and one that is repaired.
# Unavailable is the PDF's: another receipt is being drawn, or the libraries are not there yet.
_AGAIN: Final = RetryStrategy(
    max_attempts=4, exponential_wait=10, retry_exceptions={SMTPException, OSError, Unavailable}
)


@app.task(name="sales.mail_receipt", queue="mail", retry=_AGAIN)
def mail_receipt(*, shop_id: int, sale_id: int) -> None:
    """Mail the bill to the customer who left an address, once, in the language of the sale.

    The database is left alone while the mail server is talked to. A worker that dies between
    sending and remembering sends once more: with the same Message-ID, so that a mail program
    shows it once.
    """
    with shop_scope(shop_id):
        sale = sale_by_id(sale_id)
        if not sale.customer_email or is_mailed(sale):
            return
        with translation.override(sale.terms["head"]["language"]):
            bill = bill_of(sale)
    with translation.override(bill.head.language), timezone.override(bill.head.time_zone):
        message = _message(bill, sale)
    message.send()
    with shop_scope(shop_id):
        remember_mail(sale=sale, at=timezone.now())


def _message(bill: Bill, sale: Sale) -> EmailMessage:
    _name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    # One line, whatever the shop's name holds: a header ends where a line does.
    shop = " ".join(bill.head.name.split())
    number = formatting.digits(bill.code)
    message = EmailMessage(
        subject=_("Your bill %(number)s from %(shop)s") % {"number": number, "shop": shop},
        body=render_to_string("sales/receipt/mail.txt", {"bill": bill, "number": number}),
        from_email=formataddr((shop, address)),
        to=[bill.customer_email],
        headers={
            "Message-ID": f"<receipt.{sale.shop_id}.{sale.pk}@{address.rpartition('@')[2]}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach(f"{bill.code}.pdf", pdf_of(bill, paper=Paper.A4), "application/pdf")
    return message

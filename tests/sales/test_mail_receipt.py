"""The receipt by mail: once, in the shop's name, without holding the database."""

from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection
from django.utils import translation
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job

from apps.core.paper.pdf import PrinterBusy
from apps.sales.models import Paper, ReceiptPrint
from apps.sales.tasks import mail_receipt
from apps.shops.scope import shop_scope
from tests import make
from tests.sales import bills
from tests.sales.bills import needs_pdf, text_of

pytestmark = needs_pdf


@pytest.fixture
def sale(shop, owner):
    def make_sale(email="nadia@example.org", language="en"):
        with shop_scope(shop.pk), translation.override(language):
            make.rate(of=shop)
            make.piece(by=owner, name="Ring <Ayla>")
            return bills.sold("R-1", by=owner, customer_email=email)

    return make_sale


def run(sale):
    mail_receipt(shop_id=sale.shop_id, sale_id=sale.pk)


def mails_remembered(shop):
    with shop_scope(shop.pk):
        return ReceiptPrint.objects.filter(paper=Paper.MAIL).count()


def test_is_the_job_that_a_sale_enqueues(sale):
    made = sale()
    job = ProcrastinateJob.objects.get()

    assert (job.task_name, job.queue_name) == (mail_receipt.name, mail_receipt.queue)
    assert job.args == {"shop_id": made.shop_id, "sale_id": made.pk}
    assert app.tasks[job.task_name] is mail_receipt


def test_sends_the_bill_with_its_pdf(sale, shop):
    run(sale())

    (message,) = mail.outbox
    assert message.to == ["nadia@example.org"]
    assert message.subject == "Your bill 1-000001 from Noor"
    assert message.from_email == "Noor <receipts@jewelry-shop.invalid>"
    assert "R-1 · Ring <Ayla> · 1,057.98" in message.body
    assert "Total AED 1,057.98" in message.body
    ((name, content, kind),) = message.attachments
    assert (name, kind) == ("1-000001.pdf", "application/pdf")
    assert "Total AED 1,057.98" in text_of(content)
    assert mails_remembered(shop) == 1


def test_a_second_run_sends_nothing(sale):
    made = sale()
    run(made)
    run(made)

    assert len(mail.outbox) == 1


def test_two_mails_of_one_bill_are_the_same_mail(sale, monkeypatch):
    made = sale()
    monkeypatch.setattr("apps.sales.tasks.remember_mail", lambda **given: None)  # the worker died
    run(made)
    run(made)

    first, second = (message.message()["Message-ID"] for message in mail.outbox)
    assert first == second


def test_without_an_address_there_is_nothing_to_send(sale, shop):
    run(sale(email=""))

    assert not mail.outbox
    assert mails_remembered(shop) == 0


def test_speaks_the_language_of_the_sale(sale):
    run(sale(language="fa"))

    (message,) = mail.outbox
    assert "۱-۰۰۰۰۰۱" in message.subject
    assert "۱٬۰۵۷٫۹۸" in message.body


def test_a_name_of_two_lines_adds_no_header(sale, shop):
    shop.name = "Noor\r\nBcc: thief@example.org"
    shop.save()
    run(sale())

    written = mail.outbox[0].message()
    assert written["Bcc"] is None
    assert mail.outbox[0].recipients() == ["nadia@example.org"]


def test_no_shop_is_in_scope_while_the_mail_server_is_talked_to(sale, monkeypatch):
    made = sale()
    seen = []

    def send(self, fail_silently=False):
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('app.shop_id', true)")
            seen.append(cursor.fetchone()[0])
        return 1

    monkeypatch.setattr(EmailMessage, "send", send)
    run(made)
    assert seen == [""]


def test_a_mail_server_that_is_away_is_asked_again_but_not_for_ever(sale, shop, monkeypatch):
    def send(self, fail_silently=False):
        raise SMTPServerDisconnected("Connection unexpectedly closed")

    monkeypatch.setattr(EmailMessage, "send", send)
    with pytest.raises(SMTPServerDisconnected) as failure:
        run(sale())
    assert mails_remembered(shop) == 0

    def again(attempts, error):
        job = Job(
            id=1,
            queue="mail",
            lock=None,
            queueing_lock=None,
            task_name=mail_receipt.name,
            attempts=attempts,
        )
        return mail_receipt.get_retry_exception(error, job)

    assert again(0, PrinterBusy()) is not None
    assert [again(attempts, failure.value) is not None for attempts in range(6)] == [
        True,
        True,
        True,
        True,
        False,
        False,
    ]
    assert again(0, ValueError("a bug is not mended by waiting")) is None

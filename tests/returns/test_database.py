"""What the database itself keeps: finished documents stay as they are."""

from functools import partial

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from apps.returns.models import Document, DocumentLine, DocumentPrint
from apps.returns.services.prints import print_document
from apps.returns.services.take_back import take_back
from apps.sales.models import Sale, SaleLine, Tender
from apps.shops.scope import shop_scope
from tests import make
from tests.returns.days import LATER, asked, back, sold

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(shop, owner, scope):
    make.rate(of=shop)
    for tag in ("R-1", "R-2"):
        make.piece(by=owner, tag=tag)
    bill = sold("R-1", "R-2", by=owner)
    made = take_back(asked=asked(bill), backs=[back()], by=owner, at=LATER)
    print_document(document=made, paper="a4", by=owner, at=LATER)
    return made


def committed(write):
    """Write, and let the database look at what it looks at when a transaction commits."""
    write()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.parametrize("model", [Document, DocumentLine, DocumentPrint, Sale, Tender])
@pytest.mark.parametrize("edit", ["update", "delete"])
def test_a_finished_document_is_neither_changed_nor_deleted(document, model, edit):
    rows = model.objects.all()
    assert rows.exists()
    edits = {
        "update": lambda: rows.update(shop_id=rows.first().shop_id),
        "delete": lambda: rows._raw_delete(rows.db),
    }
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        edits[edit]()


def test_of_a_sold_line_only_its_life_may_change(document):
    lines = SaleLine.objects.all()
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        lines.update(total=1)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        lines._raw_delete(lines.db)
    with pytest.raises(IntegrityError, match="stays so"), transaction.atomic():
        SaleLine.objects.filter(live=False).update(live=True)


def test_a_line_ends_by_a_document_alone(document):
    with pytest.raises(IntegrityError, match="no document"), transaction.atomic():
        committed(lambda: SaleLine.objects.filter(live=True).update(live=False))


def test_nothing_is_added_to_a_finished_document(document):
    line = document.lines.get()
    line.pk, line.position = None, 1
    with pytest.raises(IntegrityError, match="returns_documentline_once"), transaction.atomic():
        line.save(force_insert=True)
    line.sale_line = SaleLine.objects.get(live=True)
    with pytest.raises(IntegrityError, match="written with"), transaction.atomic():
        committed(lambda: line.save(force_insert=True))


def test_nothing_is_added_to_a_finished_sale(document):
    line = SaleLine.objects.get(live=False)
    line.pk, line.position = None, 9
    tender = Tender.objects.get()
    tender.pk, tender.position = None, 9
    for row in (line, tender):
        with pytest.raises(IntegrityError, match="written with"), transaction.atomic():
            committed(partial(row.save, force_insert=True))


def test_a_document_whose_sum_is_not_that_of_its_lines(document):
    line = document.lines.get()
    live = SaleLine.objects.get(live=True)

    def write():
        document.pk, document.code, document.number = None, "1-R000009", 9
        document.idempotency_key, document.total = "another", document.total + 1
        document.save(force_insert=True)
        line.pk, line.document, line.sale_line = None, document, live
        line.save(force_insert=True)
        SaleLine.objects.filter(pk=live.pk).update(live=False)

    with pytest.raises(IntegrityError, match="written with"), transaction.atomic():
        committed(write)


def test_one_shop_sees_no_document_of_another(document):
    other = make.shop(name="Other")
    with shop_scope(other.pk):
        assert not Document.objects.exists()
        assert not DocumentLine.objects.exists()

"""A file on its way in: kept, looked at, brought in once, by a job."""

import threading

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from apps.inventory import tasks
from apps.inventory.models import Movement, Piece, PieceImport
from apps.inventory.services.intake import uploads
from apps.inventory.services.intake.progress import told_at_once
from apps.inventory.services.intake.read import FileUnreadable
from apps.ledger.models import Posting
from apps.shops.scope import shop_scope
from tests import make
from tests.inventory.files import csv_file, ring, rings


def upload(clerk, rows):
    return uploads.upload(file_name="stock.csv", content=csv_file(rows), by=clerk, at=make.NOON)


def bring_in(kept, **given):
    uploads.bring_in(upload_id=kept.pk, at=make.NOON, **given)
    kept.refresh_from_db()


class TestUpload:
    def test_keeps_the_file_and_what_it_comes_to_and_brings_nothing_in(self, clerk):
        kept = upload(clerk, [*rings(3), ring(tag="X", metal="tin")])

        assert (kept.state, kept.rows, kept.preview["new"]) == ("read", 4, 3)
        assert kept.preview["refused_rows"] == [
            {
                "line": 5,
                "problems": [
                    {
                        "column": "metal",
                        "value": "tin",
                        "reason": "tin is none of gold, silver, platinum, palladium."
                        " Write one of them.",
                    }
                ],
            }
        ]
        assert not Piece.objects.exists()

    def test_keeps_nothing_of_a_file_that_is_no_table(self, clerk):
        with pytest.raises(FileUnreadable):
            uploads.upload(file_name="x", content=b"%PDF-1.7", by=clerk, at=make.NOON)

        assert not PieceImport.objects.exists()

    def test_looks_again_with_the_columns_a_person_names(self, clerk):
        kept = uploads.upload(
            file_name="x.csv",
            content=csv_file(rings(2), header=["foo", *["tag", "name"], *"abcde"]),
            by=clerk,
            at=make.NOON,
        )
        columns = dict(enumerate(["tag", "name", "category", "metal", "fineness",
                                  "net_weight_g", "gross_weight_g", "nonsense"]))  # fmt: skip

        again = uploads.choose_columns(upload_id=kept.pk, columns=columns, by=clerk)

        assert (again.preview["new"], again.preview["refused"]) == (2, 0)

    def test_leaves_out_a_column_that_the_file_has_not(self, clerk):
        kept = upload(clerk, rings(1))

        again = uploads.choose_columns(upload_id=kept.pk, columns={0: "name", 500: "tag"}, by=clerk)

        assert again.preview["columns"] == {"0": "name"}


class TestStart:
    def test_lets_a_job_bring_it_in_once_however_often_it_is_pressed(self, clerk):
        kept = upload(clerk, rings(2))

        for _press in range(2):
            uploads.start(upload_id=kept.pk, leave_out=False)

        job = ProcrastinateJob.objects.get(task_name=uploads.BRING_IN)
        assert job.args == {"shop_id": kept.shop_id, "upload_id": kept.pk}

    def test_refuses_while_rows_are_refused_and_nobody_leaves_them_out(self, clerk):
        kept = upload(clerk, [*rings(2), ring(tag="")])

        with pytest.raises(uploads.RowsRefused, match="1 of 3 rows was refused"):
            uploads.start(upload_id=kept.pk, leave_out=False)

        assert uploads.start(upload_id=kept.pk, leave_out=True).state == "running"

    def test_refuses_when_nothing_would_come_in(self, clerk):
        kept = upload(clerk, [ring(tag="")])

        with pytest.raises(uploads.NothingToBringIn):
            uploads.start(upload_id=kept.pk, leave_out=True)

    def test_does_not_find_another_shops_file(self, clerk):
        other = make.shop()
        with shop_scope(other.pk):
            theirs = upload(make.member(of=other), rings(1))

        with pytest.raises(uploads.ImportNotFound):
            uploads.start(upload_id=theirs.pk, leave_out=False)


class TestBringIn:
    def test_writes_every_piece_with_its_movement_and_one_entry(self, clerk):
        kept = upload(clerk, rings(3))
        uploads.start(upload_id=kept.pk, leave_out=False)
        told = []

        bring_in(kept, progress=told.append)

        assert (kept.state, kept.done_rows, told) == ("done", 3, [3])
        assert set(Piece.objects.values_list("tag", flat=True)) == {"R-1", "R-2", "R-3"}
        assert Movement.objects.count() == 3
        assert Posting.objects.get(account="stock", commodity="AED").amount == 1500

    def test_brings_in_once_when_the_job_runs_twice(self, clerk):
        kept = upload(clerk, rings(2))
        uploads.start(upload_id=kept.pk, leave_out=False)

        bring_in(kept)
        bring_in(kept)

        assert Piece.objects.count() == 2

    def test_brings_in_nothing_that_was_not_started(self, clerk):
        kept = upload(clerk, rings(2))

        bring_in(kept)

        assert not Piece.objects.exists()

    def test_brings_in_none_and_says_why_when_a_tag_was_taken_meanwhile(self, clerk):
        kept = upload(clerk, rings(2))
        uploads.start(upload_id=kept.pk, leave_out=False)
        make.piece(by=clerk, tag="R-2")

        bring_in(kept)

        assert kept.state == "failed"
        assert "1 of 2 rows was refused. Nothing has been brought in." in kept.failure
        assert Piece.objects.count() == 1

    def test_can_be_looked_at_again_after_that(self, clerk):
        kept = upload(clerk, rings(2))
        uploads.start(upload_id=kept.pk, leave_out=False)
        make.piece(by=clerk, tag="R-2")
        bring_in(kept)
        columns = {int(index): field for index, field in kept.preview["columns"].items()}

        again = uploads.choose_columns(upload_id=kept.pk, columns=columns, by=clerk)
        uploads.start(upload_id=kept.pk, leave_out=True)
        bring_in(kept)

        assert again.preview["refused"] == 1
        assert (kept.state, Piece.objects.count()) == ("done", 2)

    def test_columns_stay_as_they_are_once_it_is_started(self, clerk):
        kept = upload(clerk, rings(2))
        uploads.start(upload_id=kept.pk, leave_out=False)

        with pytest.raises(uploads.ImportUnderWay):
            uploads.choose_columns(upload_id=kept.pk, columns={0: "tag"}, by=clerk)

    def test_gives_every_refused_row_for_the_download(self, clerk):
        kept = upload(clerk, [ring(), *(ring(tag="", name=f"no {n}") for n in range(300))])

        header, rows = uploads.refused_rows(upload_id=kept.pk, by=clerk)

        assert (header[0], len(rows), len(kept.preview["refused_rows"])) == ("tag", 300, 200)


@pytest.mark.django_db(transaction=True)
class TestJob:
    @pytest.fixture
    def started(self):
        shop = make.shop()
        member = make.member(of=shop)
        with shop_scope(shop.pk):
            kept = upload(member, rings(2500))
            uploads.start(upload_id=kept.pk, leave_out=False)
        return shop, kept

    def test_progress_is_seen_while_the_transaction_is_open(self, started):
        shop, kept = started
        with shop_scope(shop.pk), told_at_once(shop_id=shop.pk, upload_id=kept.pk) as tell:
            tell(1000)
            seen = PieceImport.objects.get(pk=kept.pk).done_rows

        assert seen == 1000

    def test_brings_in_and_survives_a_second_run_beside_it(self, started):
        shop, kept = started

        def run():
            tasks.bring_in(shop_id=shop.pk, upload_id=kept.pk)
            connection.close()

        runs = [threading.Thread(target=run) for _ in range(2)]
        for each in runs:
            each.start()
        for each in runs:
            each.join()

        with shop_scope(shop.pk):
            kept.refresh_from_db()
            assert (kept.state, kept.done_rows, Piece.objects.count()) == ("done", 2500, 2500)

    def test_the_worker_finds_the_job_by_its_name(self, started, monkeypatch):
        shop, kept = started
        # Else the job's thread keeps its connection, and the database cannot be dropped.
        monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)

        with app.replace_connector(app.connector.get_worker_connector()):
            app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)

        job = ProcrastinateJob.objects.get(task_name=uploads.BRING_IN)
        with shop_scope(shop.pk):
            kept.refresh_from_db()
            assert (job.status, kept.state, kept.done_rows) == ("succeeded", "done", 2500)

    def test_a_bug_leaves_nothing_behind_but_a_sentence(self, started, monkeypatch):
        shop, kept = started

        def broken(**given):
            raise ZeroDivisionError

        monkeypatch.setattr(uploads, "take_in_all", broken)

        with pytest.raises(ZeroDivisionError):
            tasks.bring_in(shop_id=shop.pk, upload_id=kept.pk)

        with shop_scope(shop.pk):
            kept.refresh_from_db()
            assert (kept.state, Piece.objects.count()) == ("failed", 0)
            assert "Nothing was written" in kept.failure


@pytest.mark.slow
class TestLarge:
    def test_ten_thousand_rows_come_in_within_the_time_limits_of_the_serving_role(self, clerk):
        content = csv_file(rings(10_000))
        kept = uploads.upload(file_name="x.csv", content=content, by=clerk, at=make.NOON)
        uploads.start(upload_id=kept.pk, leave_out=False)
        bring_in(kept)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

        assert (kept.state, Piece.objects.count()) == ("done", 10_000)

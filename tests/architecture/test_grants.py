"""What the serving role may do with a table, and who may go past its policy."""

import re

import pytest

from tests.architecture.test_tables import rows, tenant_models, tenant_tables

pytestmark = pytest.mark.django_db

# History: new rows, never changed ones. The serving role has no UPDATE and no DELETE.
APPEND_ONLY = {
    "customers_cashkept": "what a person paid in cash is what the law adds up",
    "customers_paperlook": "who looked at a whole number stays to be seen",
    "pricing_metalrate": "a bill names the rate that made it",
    "pricing_makingtable": "a bill names the table that made its making",
    "pricing_makingslab": "a bill names the table that made its making",
    "inventory_movement": "the way of a piece: who moved it, when",
    "inventory_custody": "who answered for a tray, and since when",
    "inventory_stockdocument": "a paper with a number, and its entry in the books",
    "inventory_pieceorigin": "which tag came from which",
    "inventory_piecechange": "what somebody weighed or described anew",
    "inventory_transferreceipt": "who unpacked a parcel, and where",
    "lots_lotmove": "what went in and out of a lot",
    "counts_countexpected": "what should have been in the tray when it was begun",
    "counts_countscan": "what was read, and by whom",
    "counts_countweighing": "what was on the scale",
    "counts_countfound": "what turned up after the count, and where",
    "ledger_entry": "the books; a correction is a reversing entry",
    "ledger_posting": "the books",
    "ledger_periodlock": "which period was closed or opened, by whom",
    "sales_sale": "a printed bill cannot change",
    "sales_tender": "a printed bill cannot change",
    "shops_policyversion": "which rules were in force",
    "shops_approval": "who said yes, and why",
    "shops_change": "the history, which triggers alone write",
    "shops_pinfailure": "that somebody tried",
    "till_payment": "money that changed hands",
    "till_tillcount": "what somebody counted, before they knew what should be there",
    "till_cashmove": "cash that was put in or taken out",
    "till_zreport": "a signed close",
    "till_zcorrection": "what a close had wrong",
    "returns_document": "a printed document cannot change",
    "returns_documentline": "a printed document cannot change",
    "returns_documentprint": "which paper was the original",
    "deposits_depositdue": "what a customer agreed to pay, and when",
    "deposits_depositmove": "a deposit's passbook",
    "deposits_schemeplan": "what a member joined; the next version follows it",
    "deposits_schememove": "a member's passbook",
    "sales_receiptprint": "which paper was the original",
    "credit_cashrate": "what foreign cash was worth when it was taken",
    "credit_giftcardmove": "the money on a gift card",
    "credit_duespayment": "a receipt that was printed",
    "purchasing_photo": "a picture of what was bought",
    "purchasing_slipvoid": "a slip was undone, and why",
    "purchasing_claimmove": "where the worth of old gold went",
    "purchasing_claimpayout": "a paper that was signed",
    "purchasing_melt": "what went into the crucible and came out",
    "purchasing_assay": "what a bar really is",
    "purchasing_settlement": "what a refiner gave",
    "purchasing_metalreceipt": "metal that came unfixed",
    "purchasing_fixing": "grams that became money",
    "labels_tagprint": "a tag that was printed, and who printed it again",
    "consignment_memoday": "until when somebody might keep a piece, before that changed",
    "consignment_memoreturn": "what came back, and who took it",
    "consignment_ownerpayment": "a receipt that was printed",
}

# Functions that run as the owner, whom no policy binds, and why they must.
RUN_AS_OWNER = {
    "shops_keep_history": "the history, which the serving role may not write",
    "shops_redact_history": "an erased person leaves the history, which nobody else may change",
    "ledger_demand_balance": "no scope may hide a posting from the sum",
    "ledger_watch_days": "no scope may hide a closed period, or a day that was summed",
    "purchasing_demand_all_items": "no scope may hide an item of a slip from the count",
    "returns_demand_finished": "no scope may hide a line from the count",
    "returns_demand_document": "no scope may hide the document that took a line back",
    "sales_demand_finished": "no scope may hide a line or a payment from the count",
    "credit_demand_store_credit": "no scope may hide a posting from the sum",
    "inventory_demand_weights": "no scope may hide a metal from the sum",
    "customers_find": "a trigram index, which no policy may use; the shop from the scope",
    "customers_papers_follow": "a paper changes its customer only where a merge says to whom",
    "customers_forget_papers": "only an erased customer's papers are removed",
    "dossiers_hand_over": "an open document changes its customer only where a merge says to whom",
    "dossiers_forget_mail": "only an erased customer's mail leaves their bills",
    "inventory_find_pieces": "a trigram index, which no policy may use; the shop from the scope",
    "inventory_sum_pieces": "a trigram index, which no policy may use; the shop from the scope",
}


def test_the_serving_role_may_read_every_table():
    unreadable = rows(
        "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p', 'v')"
        " AND relnamespace = 'public'::regnamespace"
        " AND NOT has_table_privilege('jewelry_app', oid, 'select')"
    )
    assert not unreadable, f"made before core.0001_grants, or by another role: {unreadable}"


def test_the_serving_role_may_not_change_a_table_itself():
    too_much = rows(
        "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p')"
        " AND relnamespace = 'public'::regnamespace"
        " AND (has_table_privilege('jewelry_app', oid, 'truncate')"
        "  OR has_table_privilege('jewelry_app', oid, 'trigger')"
        "  OR has_table_privilege('jewelry_app', oid, 'references')"
        "  OR pg_has_role('jewelry_app', relowner, 'usage'))"
    )
    assert not too_much, too_much


def _may_change():
    return {
        name
        for (name,) in rows(
            "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p')"
            " AND relnamespace = 'public'::regnamespace"
            " AND (has_any_column_privilege('jewelry_app', oid, 'update')"
            "  OR has_table_privilege('jewelry_app', oid, 'delete'))"
        )
    }


def test_history_cannot_be_changed_by_the_serving_role():
    assert set(APPEND_ONLY) <= tenant_tables(), "APPEND_ONLY names a table that is gone"
    changeable = set(APPEND_ONLY) & _may_change()
    assert not changeable, [f'AppendOnly("{table}")' for table in sorted(changeable)]


def test_what_the_database_keeps_from_changing_is_listed_with_its_reason():
    unlisted = tenant_tables() - _may_change() - set(APPEND_ONLY)
    assert not unlisted, f"add to APPEND_ONLY with a reason: {sorted(unlisted)}"


def test_a_model_that_promises_never_to_change_keeps_it():
    """A docstring is a promise to the reader; the grant is what keeps it."""
    promise = re.compile(r"never changed|none is ever changed|append-only", re.IGNORECASE)
    promised = {m._meta.db_table for m in tenant_models() if promise.search(m.__doc__ or "")}
    assert promised, "no model promises it any more: the words have changed, change them here"
    broken = promised & _may_change()
    assert not broken, [f'AppendOnly("{table}")' for table in sorted(broken)]


def test_functions_that_run_as_the_owner_are_few_and_pinned():
    """SECURITY DEFINER goes past every policy; an open search_path would let it be fooled."""
    found = dict(
        rows(
            "SELECT proname::text, coalesce(array_to_string(proconfig, ','), '') FROM pg_proc"
            " WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        )
    )
    assert set(found) == set(RUN_AS_OWNER), "each needs its reason in RUN_AS_OWNER"
    for name, setting in found.items():
        assert re.fullmatch(r"search_path=[^=]*\bpg_temp(?:,\w+=.*)?", setting), (name, setting)


def test_no_view_reads_past_the_policies():
    """A view reads as its owner, whom no policy binds, unless it is security_invoker."""
    wrong = rows(
        "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND (relkind = 'm' OR (relkind = 'v'"
        "  AND NOT coalesce(reloptions, '{}') && ARRAY['security_invoker=true']))"
    )
    assert not wrong, f"WITH (security_invoker = true), or not at all: {wrong}"

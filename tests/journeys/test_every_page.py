"""No page of the shop is forgotten where all of them are looked at."""

from django.test import Client
from django.urls import URLPattern, get_resolver, resolve
from django.utils import timezone

from tests.journeys import whole_shop

# Programs' addresses, the door of strangers, papers and files.
NO_PAGES = ("api:", "account_", "mfa_")
FILES = ("-pdf", "-csv", ":pdf")
# What a form is sent to, parts of pages, pictures and papers.
DOORS_OF_FORMS = """
consignment:again consignment:back consignment:day counts:again counts:cancel counts:finish
counts:found counts:scans counts:take counts:weigh customers:cash-limit customers:day
customers:forget-day customers:look deposits:instalment deposits:paper deposits:pay
deposits:receipt dossiers:export home-stock inventory:export inventory:facts
inventory:import-bring-in inventory:import-columns inventory:import-progress
inventory:import-refused inventory:place-change inventory:release inventory:transfer-add
inventory:transfer-cancel inventory:transfer-paper inventory:transfer-send
inventory:transfer-take-out labels:picture labels:template-remove language lots:draw lots:in
lots:put-back lots:write-off pricing:change-rate pricing:rate-decide pricing:rate-limit
purchasing:assay purchasing:fill purchasing:fix purchasing:melt purchasing:photo
purchasing:receive purchasing:report purchasing:seal purchasing:send purchasing:settle
rate-effect reports:csv reports:xlsx sales:customer-choose sales:customer-new sales:deliver
sales:display-language sales:favourite-move sales:favourite-press sales:favourite-remove
sales:finish sales:held-resume sales:hold sales:hold-minutes sales:line-add
sales:line-discount-drop sales:line-remove sales:line-restore sales:memo-bring sales:news
sales:outcome sales:rates-keep sales:rates-take sales:tender-add sales:tender-remove set_language
shops:choose-register shops:hours shops:person-go shops:person-new shops:person-role
shops:pin-away shops:switch shops:token-away theme till:z-correct
"""
# Other journeys pass through these, with axe.
ELSEWHERE = """
counts:approve sales:finished sales:line-discount sales:line-price status till:compare
till:open
"""
# Addresses of the books, which lead on to the page where the document lies.
LEAD_ON = """
deposits:document dossiers:merge-document purchasing:document
"""


def names(resolver, before=""):
    """What every address is called, with its namespace."""
    for one in resolver.url_patterns:
        if isinstance(one, URLPattern):
            if one.name:
                yield f"{before}{one.name}"
        elif one.namespace is None:
            yield from names(one, before)
        else:
            yield from names(one, f"{before}{one.namespace}:")


def test_all_pages_are_looked_at(shop):
    owner = shop.members.get()
    whole_shop.fill(shop=shop, owner=owner, at=timezone.now())
    client = Client()
    client.force_login(owner.user)
    pages = {
        name
        for name in names(get_resolver())
        if not name.startswith(NO_PAGES) and not name.endswith(FILES)
    }
    shut = [path for path in whole_shop.DOORS if client.get(path, follow=True).status_code != 200]
    known = set(f"{DOORS_OF_FORMS} {ELSEWHERE} {LEAD_ON}".split())

    seen = {resolve(path.partition("?")[0]).view_name for path in whole_shop.every_page(client)}

    assert shut == []
    assert pages - seen - known == set()
    assert known - pages == set()

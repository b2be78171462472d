"""Keeping what a customer is found by in step with all that is known of them."""

from apps.customers.models import Customer, IdentityPaper, Profile
from apps.customers.search import name_key, phone_tail, search_text


def written(customer: Customer) -> None:
    """Set the customer's search columns from name, phones, papers and whom they were merged with.

    Saves nothing. Three queries of a customer who has a row, none of a new one.
    """
    phones: list[str] = []
    papers: list[str] = []
    others: list[str] = []
    if not customer._state.adding:
        profile = Profile.objects.filter(customer=customer).first()
        phones = [one["number"] for one in profile.phones] if profile else []
        papers = list(
            IdentityPaper.objects.filter(customer=customer).values_list("last4", flat=True)
        )
        others = list(
            Customer.objects.filter(merged_into=customer).values_list("search_text", flat=True)
        )
    customer.search_text = search_text(
        name=customer.name,
        phone=customer.phone,
        email=customer.email,
        phones=phones,
        papers=papers,
        others=others,
    )
    customer.name_key = name_key(customer.name)
    customer.phone_tail = phone_tail(customer.phone)


def write_search(customer: Customer) -> None:
    """Write the search columns of a customer whose row is locked."""
    written(customer)
    customer.save(update_fields=["search_text", "name_key", "phone_tail"])

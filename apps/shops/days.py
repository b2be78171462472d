"""The shop's day, which is neither the UTC day nor the server's."""

from datetime import date, datetime, timedelta

from apps.shops.models import Shop


def day_of(shop: Shop, at: datetime) -> date:
    """The date on the shop's wall at the moment `at`."""
    return at.astimezone(shop.zone).date()


def start_of(shop: Shop, day: date) -> datetime:
    """The moment the shop's day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=shop.zone)


def rates_valid_since(shop: Shop, at: datetime) -> datetime:
    """Rates older than this are no rates of today any more."""
    return start_of(shop, day_of(shop, at) - timedelta(days=shop.rate_days - 1))

"""What customers that stand already are found by, and their birthdays."""

from typing import Any

from django.db import migrations

from apps.customers.search import name_key, phone_tail, search_text


def fill(apps: Any, _schema_editor: Any) -> None:
    customer_model = apps.get_model("customers", "Customer")
    paper_model = apps.get_model("customers", "IdentityPaper")
    occasion_model = apps.get_model("customers", "Occasion")
    last4: dict[int, list[str]] = {}
    for customer_id, signs in paper_model.objects.values_list("customer_id", "last4"):
        last4.setdefault(customer_id, []).append(signs)
    rows, days = [], []
    for row in customer_model.objects.iterator(chunk_size=1000):
        row.search_text = search_text(
            name=row.name, phone=row.phone, email=row.email, papers=last4.get(row.pk, ())
        )
        row.name_key, row.phone_tail = name_key(row.name), phone_tail(row.phone)
        rows.append(row)
        if row.birth_date is not None:
            days.append(
                occasion_model(
                    shop_id=row.shop_id,
                    customer_id=row.pk,
                    kind="birth",
                    day=row.birth_date,
                    month_day=row.birth_date.month * 100 + row.birth_date.day,
                )
            )
    customer_model.objects.bulk_update(
        rows, ["search_text", "name_key", "phone_tail"], batch_size=1000
    )
    occasion_model.objects.bulk_create(days, batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [("customers", "0006_protect_profiles")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

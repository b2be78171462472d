"""The API: one instance, the routers of the apps."""

from apps.core.api import make_api
from apps.inventory.api import router as inventory
from apps.pricing.api import router as pricing
from apps.sales.api import router as sales

api = make_api()
api.add_router("", pricing)
api.add_router("", inventory)
api.add_router("", sales)

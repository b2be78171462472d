"""The API: one instance, the routers of the apps."""

from apps.consignment.api import router as consignment
from apps.core.api import make_api
from apps.customers.api import router as customers
from apps.deposits.api import router as deposits
from apps.inventory.api import router as inventory
from apps.lots.api import router as lots
from apps.pricing.api import router as pricing
from apps.purchasing.api import router as purchasing
from apps.returns.api import router as returns
from apps.sales.api import router as sales
from apps.till.api import router as till

api = make_api()
api.add_router("", pricing)
api.add_router("", customers)
api.add_router("", inventory)
api.add_router("", lots)
api.add_router("", sales)
api.add_router("", till)
api.add_router("", returns)
api.add_router("", purchasing)
api.add_router("", deposits)
api.add_router("", consignment)

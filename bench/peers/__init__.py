"""What bench.health measures beside the shop: the floor, and django-health-check."""

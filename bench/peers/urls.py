"""django-health-check, its Database check alone: what a readiness probe of it would ask."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from health_check.views import HealthCheckView

ready = HealthCheckView.as_view(checks=["health_check.checks.Database"])
live = HealthCheckView.as_view(checks=[])


@csrf_exempt
def wait_for_body(request: HttpRequest) -> HttpResponse:
    """Hold a slot as long as the body takes to come; the shop's sign-in page does so as well."""
    return HttpResponse(f"{len(request.body)} bytes")


urlpatterns = [
    path("health/ready/", csrf_exempt(ready)),
    path("health/live/", csrf_exempt(live)),
    path("accounts/login/", wait_for_body),
]

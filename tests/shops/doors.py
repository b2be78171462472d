"""Doors that do what ours must never do, for the tests of the middleware around them."""

from django.db import connection
from django.http import HttpResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.urls import path

from apps.core.errors import Conflict
from apps.shops.access import anyone, members_only
from apps.shops.models import Branch, Register, Role
from config.urls import urlpatterns as ours


class NotToday(Conflict):
    def __str__(self):
        return "Not today. Come back tomorrow."


@members_only()
def write(request):
    Branch.objects.create(name="written")
    return HttpResponse("written")


@members_only()
def write_and_fail(request):
    Branch.objects.create(name="written")
    raise RuntimeError("after the write")


@members_only()
def write_and_refuse(request):
    Branch.objects.create(name="written")
    raise NotToday


@members_only()
def write_and_answer(request, status):
    Branch.objects.create(name="written")
    return HttpResponse(status=status)


@members_only()
def late(request):
    """The query runs when the template is rendered, after the view has returned."""
    template = engines["django"].from_string("{% for r in found %}{{ r.name }}{% endfor %}")
    return TemplateResponse(request, template, {"found": Register.objects.order_by("code")})


@members_only()
def late_failure(request):
    Branch.objects.create(name="written")

    class Unready:
        def __str__(self):
            raise RuntimeError("while rendering")

    return TemplateResponse(request, engines["django"].from_string("{{ it }}"), {"it": Unready()})


@members_only()
def lose_the_database(request):
    """What a failover does to a request: its connection is gone in the middle."""
    Branch.objects.create(name="written")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return HttpResponse("unreachable")


@members_only(Role.OWNER, Role.MANAGER)
def for_managers(request):
    return HttpResponse("welcome")


@members_only()
def whose(request):
    registers = ",".join(register.name for register in request.registers)
    return HttpResponse(f"{request.member.shop.name}|{request.register}|{registers}")


@anyone
def open_to_all(request):
    return HttpResponse(str(request.member))


urlpatterns = [
    path("t/write/", write),
    path("t/fail/", write_and_fail),
    path("t/refuse/", write_and_refuse),
    path("t/answer/<int:status>/", write_and_answer),
    path("t/late/", late),
    path("t/late-failure/", late_failure),
    path("t/lose/", lose_the_database),
    path("api/t/lose/", lose_the_database),
    path("t/managers/", for_managers),
    path("t/whose/", whose),
    path("t/open/", open_to_all),
    *ours,
]

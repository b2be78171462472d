"""Ready-made surroundings of the tests of the stock at hand: branches, places, threads."""

import threading

from django.db import connection

from apps.inventory.models import Movement, Piece, Place
from apps.inventory.services.places import add_place
from apps.shops.models import Branch, Register
from apps.shops.scope import shop_scope


def place(name="Tray 7", *, kind="tray", branch=None):
    return add_place(name=name, kind=kind, branch=branch or main_branch())


def main_branch():
    return Branch.objects.order_by("pk").first()


def second_branch(name="Marina", code="2"):
    branch = Branch.objects.create(name=name)
    Register.objects.create(branch=branch, code=code, name=f"Till {code}")
    return branch


def kinds(piece):
    """The way of a piece, oldest step first."""
    return list(Movement.objects.filter(piece=piece).order_by("pk").values_list("kind", flat=True))


def where(tag):
    """State and place of a piece."""
    piece = Piece.objects.select_related("place").get(tag=tag)
    return piece.state, piece.place.name if piece.place else None


def place_named(name):
    return Place.objects.get(name=name)


def at_once(shop, *calls):
    """What each call gave or raised, all of them run at the same moment in threads of their own."""
    barrier, told = threading.Barrier(len(calls)), [None] * len(calls)

    def run(n, call):
        try:
            with shop_scope(shop.pk):
                barrier.wait(timeout=10)
                told[n] = call()
        except Exception as error:  # the test looks at it
            told[n] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    return told


def crossing(shop, *pairs):
    """What each pair of calls raised, or None: in a transaction of its own every thread does the
    first call, waits until all have done theirs, and does the second.
    """
    barrier = threading.Barrier(len(pairs))

    def both(first, second):
        first()
        barrier.wait(timeout=10)
        second()

    def run(n, pair):
        try:
            with shop_scope(shop.pk):
                both(*pair)
        except Exception as error:  # the test looks at it
            told[n] = error
        finally:
            connection.close()

    told = [None] * len(pairs)
    threads = [threading.Thread(target=run, args=each) for each in enumerate(pairs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return told

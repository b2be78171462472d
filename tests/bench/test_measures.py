"""What the tables are made of: processor time of a family of processes, growth of tables."""

import os
import subprocess
import sys
from contextlib import contextmanager

import pytest

from bench.growth import Grown, Sizes, grown
from bench.processor import PROC, used_s

BURN = "import time\nwhile time.process_time() < 0.3: pass"
# The kernel counts in hundredths, and in another way than the program's own clock.
LEAST_S = 0.2


# Linux alone counts so, and CI runs on it; elsewhere `used_s` gives None, and no figure is told.
@pytest.mark.skipif(not (PROC / "self" / "stat").exists(), reason="This system has no /proc.")
class TestUsed:
    def test_counts_a_child_that_has_ended(self):
        before = used_s(os.getpid())

        subprocess.run([sys.executable, "-c", BURN], check=True)

        assert used_s(os.getpid()) - before > LEAST_S

    def test_counts_a_child_that_runs(self):
        with waiting(BURN) as child:
            assert used_s(child.pid) > LEAST_S
            assert used_s(os.getpid()) > LEAST_S

    def test_counts_no_stranger(self):
        with waiting("pass") as child:
            before = used_s(child.pid)

            subprocess.run([sys.executable, "-c", BURN], check=True)

            assert used_s(child.pid) - before < LEAST_S


@contextmanager
def waiting(does):
    """A program that has done this, and waits."""
    program = f"{does}\nprint('done', flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        try:
            assert child.stdout.readline() == "done\n"
            yield child
        finally:
            child.communicate("\n", timeout=30)


def test_growth_is_what_one_of_them_added():
    before = Sizes({"sale": (8192, 16384), "line": (0, 0), "still": (8192, 8192)}, log=0)
    after = Sizes({"sale": (16384, 16384), "line": (32768, 8192), "still": (8192, 8192)}, log=9)

    assert grown(before, after, 8) == [Grown("line", 4096, 1024), Grown("sale", 1024, 0)]

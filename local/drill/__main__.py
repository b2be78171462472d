"""Run the drill cluster until Ctrl-C, to look at it and to break it by hand."""

import sys
import threading

from local.drill.cluster import drill_cluster
from local.drill.guard import guarded
from local.output import announce
from local.problem import told_in_one_sentence
from local.signals import interrupt_once


def main() -> int:
    """Start, say where everything is, and wait."""
    interrupt_once()

    def say(what: str) -> None:
        announce("drill", what)

    with told_in_one_sentence(), drill_cluster(say=say) as made:
        announce("site", f"http://localhost:{made.balancer.site}/")
        token = made.room.folder / "token"
        made.room.write(token, made.token + "\n")
        announce("token", f"{token} holds a key to its API")
        announce("primary", f"localhost:{made.balancer.primary}, pooler: {made.balancer.pooler}")
        for member in made.database.members:
            announce("member", f"{member.name}: REST 127.0.0.1:{member.rest}, port {member.port}")
        announce("folder", f"{made.room.folder} (logs are in it)")
        announce("", "Ctrl-C ends everything and deletes the folder.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            announce("stopping", "everything")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))

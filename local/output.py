"""What a person sees in the window: one aligned line a fact."""

LABEL_WIDTH = 10


def announce(label: str, fact: str) -> None:
    """Print one fact at once, also into a pipe."""
    # One write for the line and its end: several threads print.
    print(f"{label:<{LABEL_WIDTH}} {fact}\n", end="", flush=True)

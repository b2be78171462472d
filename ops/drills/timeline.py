"""The picture of a drill: sales a second, who was in rotation, what probes saw, what was done."""

from collections import Counter
from collections.abc import Callable
from html import escape
from typing import Final

from ops.drills.run import Result, Run
from ops.drills.watch import LIVE, READY

WIDTH, LEFT, RIGHT = 960, 130, 20
SALES_TOP, SALES_HEIGHT = 40, 120
LANE: Final = 14
Scale = Callable[[float], float]
INK, QUIET, GOOD, BAD, WARN = "#1d2733", "#8a94a0", "#2f7d4f", "#b3261e", "#c98a00"


def timeline(result: Result) -> str:
    """An SVG with nothing in it but shapes and words. Times are seconds of the run."""
    run = result.run
    assert run is not None
    end = max([1.0, *(a.at + a.took_s for a in run.load.attempts), *(e.at for e in run.events)])
    pods = sorted({probe.pod for probe in run.watch.probes})
    lanes_top = SALES_TOP + SALES_HEIGHT + 30
    events_top = lanes_top + LANE * (2 * len(pods) + 1) + 16
    height = events_top + LANE * (len(run.events) + 1) + 10

    def x(at: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * at / end

    shapes = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"'
        f' height="{height}" font-family="sans-serif" font-size="11" role="img">',
        f"<title>{escape(result.name)}: {escape(result.claim)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(10, 20, f"{result.name} — {result.claim}", INK),
    ]
    mended = run.mended_at if run.mended_at is not None else end
    shapes.append(
        _box(x(run.broken_at), SALES_TOP, x(mended) - x(run.broken_at), SALES_HEIGHT, "#fbeceb")
    )
    shapes += _sales(run, x)
    for row, (pod, path) in enumerate((pod, path) for pod in pods for path in (LIVE, READY)):
        shapes += _lane(run, pod, path, lanes_top + row * LANE, x)
    shapes += _rotation(run, lanes_top + 2 * len(pods) * LANE, x)
    for row, event in enumerate(run.events):
        y = events_top + row * LANE
        at = x(event.at)
        color = INK if event.ours else QUIET
        shapes.append(
            f'<line x1="{at:.1f}" y1="{SALES_TOP}" x2="{at:.1f}" y2="{y}" stroke="{color}"'
            ' stroke-width="0.5" stroke-dasharray="2 2"/>'
        )
        words = f"{event.at:.1f} s  {event.what}"
        anchor = "end" if at > WIDTH * 0.6 else "start"
        shapes.append(
            _text(at + (-3 if anchor == "end" else 3), y + 4, words, color, anchor=anchor)
        )
    shapes.append("</svg>")
    return "\n".join(shapes) + "\n"


def _sales(run: Run, x: Scale) -> list[str]:
    done = Counter(int(a.at + a.took_s) for a in run.load.attempts if a.ok)
    failed = Counter(int(a.at + a.took_s) for a in run.load.attempts if not a.ok)
    most = max([1, *done.values(), *failed.values()])
    bottom = SALES_TOP + SALES_HEIGHT
    shapes = [
        _text(10, SALES_TOP + 10, f"a second (≤ {most})", INK),
        _text(10, SALES_TOP + 26, "sales", GOOD),
        _text(10, SALES_TOP + 40, "failed requests", BAD),
        _text(10, SALES_TOP + 62, "200", GOOD),
        _text(36, SALES_TOP + 62, "503", WARN),
        _text(62, SALES_TOP + 62, "no answer", BAD),
    ]
    for counts, color, part in ((done, GOOD, 0.0), (failed, BAD, 0.5)):
        for second, count in counts.items():
            tall = SALES_HEIGHT * count / most
            wide = x(second + 1) - x(second)
            shapes.append(_box(x(second) + wide * part, bottom - tall, wide * 0.45, tall, color))
    seconds = int(max([0, *done, *failed]))
    marks = range(0, seconds + 1, 10)
    return [*shapes, *(_text(x(mark), bottom + 14, f"{mark}", QUIET) for mark in marks)]


def _lane(run: Run, pod: str, path: str, y: float, x: Scale) -> list[str]:
    word = "live" if path == LIVE else "ready"
    shapes = [_text(10, y + 4, f"{pod} {word}", INK)]
    for probe in run.watch.probes:
        if probe.pod == pod and probe.path == path:
            color = GOOD if probe.status == 200 else WARN if probe.status is not None else BAD
            shapes.append(_box(x(probe.at), y - 4, 4, 8, color))
    return shapes


def _rotation(run: Run, y: float, x: Scale) -> list[str]:
    shapes = [_text(10, y + 4, "in rotation", INK)]
    last = None
    for seen in run.watch.rotation:
        if len(seen.pods) != last:
            last = len(seen.pods)
            shapes.append(_text(x(seen.at), y + 4, str(last), GOOD if last else BAD))
    return shapes


def _box(x: float, y: float, wide: float, tall: float, color: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(wide, 0.5):.1f}" height="{tall:.1f}"'
        f' fill="{color}"/>'
    )


def _text(x: float, y: float, words: str, color: str, *, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{color}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )

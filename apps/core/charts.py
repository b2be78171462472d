"""Curves drawn by the server: numbers in, SVG coordinates out. No script, no library, no style.

The floats here are coordinates; the amounts a reader sees are written from Decimals by the caller.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

_GRID_LINES: Final = 4
_STEPS: Final = (1, 2, 2.5, 5, 10)
_LEFT: Final = 8
_TOP: Final = 16
_BOTTOM: Final = 26
_SPARK_WIDTH: Final = 88
_SIGN_PX: Final = 7  # of a label, at 12 px
_GAP_PX: Final = 12
_SPARK_HEIGHT: Final = 28
_TURNED: Final = {"start": "end", "middle": "middle", "end": "start"}


@dataclass(frozen=True, slots=True)
class GridLine:
    """A value's line and its label at the right, beside the last value."""

    y: float
    label: str

    @property
    def text_y(self) -> float:
        """Where the label's baseline is, so that its middle is on the line."""
        return round(self.y + 4, 1)


@dataclass(frozen=True, slots=True)
class Tick:
    """A label under the curve. Time runs left to right in every language."""

    x: float
    label: str
    anchor: str

    @property
    def anchor_rtl(self) -> str:
        """SVG swaps start and end in right-to-left text; this swaps them back."""
        return _TURNED[self.anchor]


@dataclass(frozen=True, slots=True)
class Drawing:
    """One size of a chart, ready for components/chart.html."""

    width: int
    height: int
    wide: bool
    right: int
    path: str
    area: str
    second: str
    grid: tuple[GridLine, ...]
    ticks: tuple[Tick, ...]
    last_x: float
    last_y: float

    left: int = _LEFT

    @property
    def text_x(self) -> int:
        return self.right + 8

    @property
    def ticks_y(self) -> int:
        return self.height - 6


@dataclass(frozen=True, slots=True)
class Chart:
    """The same curve for a wide and for a narrow page: words keep their size in both."""

    drawings: tuple[Drawing, ...]


def line_chart(
    values: Sequence[Decimal],
    *,
    label_value: Callable[[Decimal], str],
    labels: Sequence[str],
    second: Sequence[Decimal] = (),
) -> Chart:
    """Draw `values`, oldest first, with `second` dashed below it.

    `label_value` writes a value of the scale; `labels` stand under the curve at equal distances,
    the first under the oldest value, the last under the newest. A narrow page takes the first,
    the middle and the last of them. Needs at least one value; `second` is empty or as long.
    """
    assert values
    assert not second or len(second) == len(values)
    return Chart(
        (
            _drawing(values, second, label_value, labels, width=760, height=190, margin=64),
            _drawing(values, second, label_value, _few(labels), width=340, height=200, margin=60),
        )
    )


def spark(values: Sequence[Decimal]) -> str:
    """The path of a small curve in a box of 88 × 28; a single value is a level line."""
    if not values:
        return ""
    points = [float(value) for value in values]
    if len(points) == 1:
        points *= 2
    low, span = min(points), (max(points) - min(points)) or 0.0
    middle = _SPARK_HEIGHT / 2
    return _path(
        (
            index * _SPARK_WIDTH / (len(points) - 1),
            _SPARK_HEIGHT - 2 - (_SPARK_HEIGHT - 4) * (point - low) / span if span else middle,
        )
        for index, point in enumerate(points)
    )


def round_steps(low: float, high: float) -> list[float]:
    """About four round values between `low` and `high`, in steps of 1, 2, 2.5 or 5 times ten to n.

    round_steps(447, 518) = [460, 480, 500]. Needs low < high.
    """
    assert low < high
    wanted = (high - low) / _GRID_LINES
    magnitude = 10.0 ** math.floor(math.log10(wanted))
    step = min((factor * magnitude for factor in _STEPS), key=lambda found: abs(found - wanted))
    first, last = math.ceil(low / step), math.floor(high / step)
    return [number * step for number in range(first, last + 1)]


def _drawing(
    values: Sequence[Decimal],
    second: Sequence[Decimal],
    label_value: Callable[[Decimal], str],
    labels: Sequence[str],
    *,
    width: int,
    height: int,
    margin: int,
) -> Drawing:
    points, dashed = [float(value) for value in values], [float(value) for value in second]
    low, high = min(points + dashed), max(points + dashed)
    pad = (high - low or abs(high) or 1.0) * 0.08
    low, high = low - pad, high + pad
    steps = [(value, label_value(_decimal(value))) for value in round_steps(low, high)]
    # Room for what is written at the right: rates in rials have eleven signs.
    margin = max(margin, _SIGN_PX * max((len(label) for _, label in steps), default=0) + _GAP_PX)
    right, base = width - margin, height - _BOTTOM

    def x(index: float, count: int) -> float:
        return _LEFT + (right - _LEFT) * index / max(count - 1, 1)

    def y(value: float) -> float:
        return _TOP + (base - _TOP) * (1 - (value - low) / (high - low))

    def curve(series: Sequence[float]) -> str:
        return _path((x(index, len(series)), y(value)) for index, value in enumerate(series))

    path = curve(points)
    end = x(len(points) - 1, len(points))
    return Drawing(
        width=width,
        height=height,
        wide=width > 500,
        right=right,
        path=path,
        area=f"{path}L{end:.1f},{base}L{_LEFT},{base}Z",
        second=curve(dashed) if dashed else "",
        grid=tuple(GridLine(y=round(y(value), 1), label=label) for value, label in steps),
        ticks=tuple(
            Tick(x=round(x(index, len(labels)), 1), label=label, anchor=_anchor(index, len(labels)))
            for index, label in enumerate(labels)
        ),
        last_x=round(end, 1),
        last_y=round(y(points[-1]), 1),
    )


def _path(points: Iterable[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _decimal(value: float) -> Decimal:
    """A grid value without the float's noise: it is a round number by construction."""
    return Decimal(f"{value:.10g}")


def _anchor(index: int, count: int) -> str:
    return "start" if index == 0 else "end" if index == count - 1 else "middle"


def _few(labels: Sequence[str]) -> Sequence[str]:
    return labels if len(labels) <= 3 else (labels[0], labels[len(labels) // 2], labels[-1])

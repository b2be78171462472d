"""A sheet and fields for tests without a database."""

from decimal import Decimal

from apps.labels.sheet import Field, Pad, Sheet


def sheet(*, dpi=203, width="72", height="12", front="27", back_x="45", back="27"):
    return Sheet(
        width_mm=Decimal(width),
        height_mm=Decimal(height),
        front=Pad(side="front", x_mm=Decimal(0), width_mm=Decimal(front)),
        back=Pad(side="back", x_mm=Decimal(back_x), width_mm=Decimal(back)),
        dpi=dpi,
    )


def field(what="tag", side="front", x="1", y="1", width="20", height="3", **more):
    return Field(
        what=what,
        side=side,
        x_mm=Decimal(x),
        y_mm=Decimal(y),
        width_mm=Decimal(width),
        height_mm=Decimal(height),
        **more,
    )


def unpacked(text, across):
    """The bytes that ^GFA's letters stand for: written from the guide, not from our packer."""
    rows, row, count = [], "", 0
    for char in text:
        if char in ",!:":
            if char == ":":
                assert row == ""
                rows.append(rows[-1])
                continue
            rows.append(row + {",": "0", "!": "F"}[char] * (across * 2 - len(row)))
            row = ""
        elif "G" <= char <= "Y":
            count += ord(char) - ord("F")
        elif "g" <= char <= "z":
            count += (ord(char) - ord("f")) * 20
        else:
            row += char * (count or 1)
            count = 0
            if len(row) == across * 2:
                rows.append(row)
                row = ""
    assert row == ""
    return bytes.fromhex("".join(rows))

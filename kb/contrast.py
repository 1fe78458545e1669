"""Whether a colour can be read on its ground, and the nearest one that can.

Source: WCAG 2.2, success criterion 1.4.3 and the definitions of contrast ratio and relative
luminance, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
"""

import colorsys
from collections.abc import Iterable

READABLE = 4.5  # ratio that text of ordinary size needs; WCAG 2.2, 1.4.3, level AA
LINEAR_BELOW = 0.04045  # sRGB; WCAG up to 2.1 wrote 0.03928, which no 8-bit colour can tell
STEPS = 255  # of lightness that are tried

RGB = tuple[float, float, float]  # red, green, blue, each in [0, 1]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 (the same) to 21 (black on white).

    >>> contrast("#000000", "#ffffff"), contrast("#ffffff", "#ffffff")
    (21.0, 1.0)
    >>> round(contrast("#767676", "#ffffff"), 2)  # the lightest grey that passes on white
    4.54
    """
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance, from 0 for black to 1 for white.

    >>> luminance("#ff0000")
    0.2126
    """
    red, green, blue = (_linear(part) for part in rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def lowest(colour: str, grounds: Iterable[str]) -> float:
    """Return the contrast of a colour with the ground where it is read worst."""
    return min(contrast(colour, ground) for ground in grounds)


def mixed(colour: str, ground: str, share: float) -> str:
    """Return a ground with a share of the colour in it.

    >>> mixed("#000000", "#ffffff", 0.2)
    '#cccccc'
    """
    parts = zip(rgb(colour), rgb(ground), strict=True)
    red, green, blue = (share * c + (1 - share) * g for c, g in parts)
    return _hex((red, green, blue))


def lightened(colour: str, steps: int) -> str:
    """Return the colour so many of 255 steps lighter, or darker when below 0; its hue stays.

    >>> lightened("#808080", -8), lightened("#808080", 500)
    ('#787878', '#ffffff')
    """
    hue, lightness, saturation = colorsys.rgb_to_hls(*rgb(colour))
    moved = min(1.0, max(0.0, lightness + steps / STEPS))
    return _hex(colorsys.hls_to_rgb(hue, moved, saturation))


def rgb(colour: str) -> RGB:
    """Return the parts of a colour such as #0b5c6b, each in [0, 1]."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= LINEAR_BELOW else ((part + 0.055) / 1.055) ** 2.4


def _hex(parts: RGB) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)

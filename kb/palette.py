"""The accent of a library on its grounds: one colour for light pages and one for dark ones.

The grounds are those of `web/static/maktaba.css`; a test compares them.
"""

from dataclasses import dataclass

from kb.contrast import READABLE, STEPS, lightened, lowest, mixed


@dataclass(frozen=True, slots=True)
class Theme:
    """The grounds of light or of dark pages, and what is written on the accent."""

    name: str
    paper: str
    card: str
    on_accent: str
    accent: str  # unless the library has its own
    tinted: float  # share of the accent in the ground of what is marked

    def tint(self, accent: str) -> str:
        """Return the ground of what is marked."""
        return mixed(accent, self.card, self.tinted)

    def contrast(self, accent: str) -> float:
        """Return the lowest contrast of the accent on any ground it is written on."""
        return lowest(accent, (self.paper, self.card, self.tint(accent)))

    def nearest(self, accent: str) -> str:
        """Return the accent, or the nearest lightness of it that can be read.

        >>> LIGHT.nearest("#0b5c6b"), LIGHT.nearest("#f2c200"), DARK.nearest("#003399")
        ('#0b5c6b', '#866b00', '#6296ff')
        """
        for step in range(STEPS + 1):
            for way in (-step, step):
                near = lightened(accent, way)
                if self.contrast(near) >= READABLE:
                    return near
        return self.accent


LIGHT = Theme("light", "#fbfaf7", "#ffffff", "#ffffff", "#0b5c6b", tinted=0.08)
DARK = Theme("dark", "#10191c", "#172327", "#0c1a1d", "#7fc8d4", tinted=0.14)

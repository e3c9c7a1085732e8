"""Reliability diagrams as one SVG: a panel for each label, a point for each bin that has rows enough.

Across stands the predicted log-likelihood ratio, upwards the observed one with its 95 % interval; on the diagonal the two agree.
"""
import math

PANEL, MARGIN, COLUMNS = 190, 34, 4
ACROSS, UPWARDS = (-3, 5), (-6, 8)
STYLE = "text{font:11px sans-serif;fill:#444}.frame{fill:none;stroke:#bbb}.ideal{stroke:#bbb;stroke-dasharray:4 3}.range{stroke:#888}"


def spread(entry, breaches, honest):
    """Half of the 95 % interval of an observed log ratio of two shares (Katz)."""
    variance = 1 / entry["breaches"] - 1 / breaches + 1 / entry["honest"] - 1 / honest
    return 1.96 * math.sqrt(max(0, variance))


def position(value, edges, length):
    low, high = edges
    return (min(max(value, low), high) - low) / (high - low) * length


class Panel:
    """One label's diagram, its frame at `left`, `top`."""

    def __init__(self, at):
        self._left = MARGIN + at % COLUMNS * (PANEL + MARGIN)
        self._top = MARGIN + at // COLUMNS * (PANEL + MARGIN)

    def x(self, predicted):
        return f"{self._left + position(predicted, ACROSS, PANEL):.1f}"

    def y(self, observed):
        return f"{self._top + PANEL - position(observed, UPWARDS, PANEL):.1f}"

    def line(self, name, start, end):
        ends = f'x1="{self.x(start[0])}" y1="{self.y(start[1])}" x2="{self.x(end[0])}" y2="{self.y(end[1])}"'
        return f'<line class="{name}" {ends}/>'

    def frame(self, label):
        ticks = [f'<text x="{self.x(v)}" y="{self._top + PANEL + 13}" text-anchor="middle">{v}</text>' for v in range(-2, 5, 2)]
        ticks += [f'<text x="{self._left - 4}" y="{self.y(v)}" text-anchor="end">{v}</text>' for v in range(-4, 8, 4)]
        box = f'<rect class="frame" x="{self._left}" y="{self._top}" width="{PANEL}" height="{PANEL}"/>'
        title = f'<text x="{self._left}" y="{self._top - 6}">{label}</text>'
        return [title, box, self.line("ideal", (ACROSS[0],) * 2, (ACROSS[1],) * 2), *ticks]

    def point(self, entry, half):
        predicted, observed = entry["predicted"], entry["observed"]
        bar = self.line("range", (predicted, observed - half), (predicted, observed + half))
        return [bar, f'<circle cx="{self.x(predicted)}" cy="{self.y(observed)}" r="3"/>']


def reliability_svg(reliability):
    parts = []
    for at, (label, bins) in enumerate(reliability.items()):
        panel = Panel(at)
        breaches, honest = (sum(entry[name] for entry in bins) for name in ("breaches", "honest"))
        parts += panel.frame(label)
        for entry in bins:
            if "predicted" in entry:
                parts += panel.point(entry, spread(entry, breaches, honest))
    rows = math.ceil(len(reliability) / COLUMNS)
    width, height = (MARGIN + n * (PANEL + MARGIN) for n in (COLUMNS, rows))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    return "\n".join([head, f"<style>{STYLE}</style>", '<rect width="100%" height="100%" fill="#fff"/>', *parts, "</svg>", ""])

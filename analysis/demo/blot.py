"""A simulated Western blot: what a densitometer writes of it, and the picture that belongs to these numbers."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from analysis.demo.chance import Chance, Floats

SEED = 12
HEADER = ("Lane", "Sample", "Band No", "Target", "Volume", "Area", "Background", "Max")
AREA, BACKGROUND = 1800, 9
# Nothing reaches 255: no pixel is saturated.
LEAST_CONTROL, MOST_CONTROL = 150_000, 180_000
LANE, BAND, MARGIN = 64, 60, 26


@dataclass(frozen=True)
class Loaded:
    """A lane: the code of its specimen, and the target over the loading control; None for a lane left empty."""

    sample: str
    ratio: float | None


@dataclass(frozen=True)
class Blot:
    table: bytes
    picture: bytes


def blot(target: str, control: str, lanes: Sequence[Loaded]) -> Blot:
    chance = Chance(SEED)
    controls = [0 if lane.ratio is None else chance.whole(LEAST_CONTROL, MOST_CONTROL) for lane in lanes]
    targets = [round((lane.ratio or 0) * volume) for lane, volume in zip(lanes, controls, strict=True)]
    return Blot(_table(target, control, lanes, targets, controls), _picture((target, targets), (control, controls)))


def _table(target: str, control: str, lanes: Sequence[Loaded], targets: list[int], controls: list[int]) -> bytes:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(HEADER)
    for number, lane in enumerate(lanes, start=1):
        for probe, nets in ((target, targets), (control, controls)):
            net = nets[number - 1]
            brightest = min(250, BACKGROUND + round(net / AREA * 1.2))
            rows.writerow((number, lane.sample, 1, probe, net + BACKGROUND * AREA, AREA, BACKGROUND, brightest))
    return out.getvalue().encode()


def _picture(*probes: tuple[str, list[int]]) -> bytes:
    """One strip per probe, dark bands on a light membrane; it says in itself that it is simulated."""
    strips = [_strip(volumes) for _name, volumes in probes]
    picture = Image.fromarray(np.vstack(strips).astype(np.uint8))
    sheet = Image.new("L", (picture.width, picture.height + MARGIN), 255)
    sheet.paste(picture, (0, MARGIN))
    pen = ImageDraw.Draw(sheet)
    pen.text((6, 7), "SIMULATED   " + " / ".join(name for name, _volumes in probes), fill=0)
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


def _strip(volumes: list[int]) -> Floats:
    strip = np.full((BAND, LANE * len(volumes)), 232.0)
    down, across = np.mgrid[0:BAND, 0:LANE]
    shape = np.exp(-(((across - LANE / 2) / 17) ** 4) - ((down - BAND / 2) / 7) ** 2)
    for lane, volume in enumerate(volumes):
        strip[:, lane * LANE : (lane + 1) * LANE] -= min(215.0, volume / 1300) * shape
    return strip

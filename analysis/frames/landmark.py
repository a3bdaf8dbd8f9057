"""A frame seen from a landmark: who is still at risk then, with the time reset, and why the others are left out."""

from dataclasses import replace

from analysis.frames.frame import Frame
from analysis.stats.landmark import landmark


def from_landmark(frame: Frame, at: float) -> Frame:
    """Nobody's time is changed where nobody is at risk; the rows left may be none. StatsInputError for bad times."""
    if not frame.rows:
        return frame
    events = frame.column("event")
    found = landmark(frame.times(), events, at)
    time_of = dict(zip(found.rows.tolist(), found.time.tolist(), strict=True))
    when = f"{at:g} {frame.time_unit}".rstrip()
    rows, left_out = [], list(frame.left_out)
    for place, row in enumerate(frame.rows):
        if place in time_of:
            rows.append(row | {frame.time_name: time_of[place]})
        else:
            why = "event" if events[place] else "end of follow-up"
            left_out.append({"patient": row["patient"], "reason": f"{why} by the landmark of {when}"})
    return replace(frame, rows=rows, left_out=left_out)


def since(endpoint: str, at: float | None, unit: str) -> str:
    """The endpoint as its axis and sentences name it: what is counted from a landmark must not look like the whole."""
    return endpoint if at is None else f"{endpoint} from {at:g} {unit}".rstrip()

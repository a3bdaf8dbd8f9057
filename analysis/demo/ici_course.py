"""The course under an inhibitor: a first mRECIST assessment that decides the response, and what follows it."""

from dataclasses import dataclass
from datetime import date, timedelta

from analysis.demo.chance import Chance
from analysis.demo.ici_blood import NON_RESPONDERS, N
from analysis.demo.records import Imaging

FIRST_DAY, LAST_DAY, DATA_CUT = date(2023, 1, 5), date(2025, 1, 17), date(2025, 6, 30)
# CR, PR and SD are responders, PD is not. One sentence of the paper has it the other way round; its methods and
# tables have it so.
FIRST_ASSESSMENT = ({"CR": 2, "PR": 14, "SD": 21}, {"PD": NON_RESPONDERS})
# What becomes of a responder at the second assessment: a later PD does not undo the response.
THEN = {"CR": ("CR",), "PR": ("PR", "PR", "SD"), "SD": ("SD", "SD", "PD")}
BETWEEN = 63  # days from one assessment to the next


@dataclass(frozen=True)
class Course:
    index: date
    imaging: tuple[Imaging, ...]
    progression: date | None
    death: int | None  # days after the index date
    last_contact: int


def courses(chance: Chance) -> list[Course]:
    """Responders first."""
    categories = [one for counts in FIRST_ASSESSMENT for one in chance.counted(counts)]
    return [_course(chance, index, category) for index, category in zip(_index_dates(chance), categories, strict=True)]


def _index_dates(chance: Chance) -> list[date]:
    span = (LAST_DAY - FIRST_DAY).days
    days = [FIRST_DAY + timedelta(days=round(share * span)) for share in chance.evenly(N)]
    return [day - timedelta(days=max(0, day.weekday() - 4)) for day in days]


def _course(chance: Chance, index: date, category: str) -> Course:
    # Everybody's first assessment lies before the data cut.
    last_contact = max(110, (DATA_CUT - index).days - chance.whole(0, 80))
    first = chance.whole(42, 70)
    imaging = [Imaging(index + timedelta(days=first), category)]
    if category != "PD":
        choices = THEN[category]
        second = choices[chance.whole(0, len(choices) - 1)]
        if first + BETWEEN < last_contact:
            imaging.append(Imaging(index + timedelta(days=first + BETWEEN), second))
    progression = next((image.day for image in imaging if image.mrecist == "PD"), None)
    death = _death(chance, first, last_contact, has_progressed=progression is not None)
    return Course(index, tuple(imaging), progression, death, last_contact)


def _death(chance: Chance, first: int, last_contact: int, *, has_progressed: bool) -> int | None:
    """Most of those who progress die within the time that they are watched, a few of the others."""
    longest = 600 if has_progressed else 2400
    day = first + BETWEEN + chance.whole(20, longest)
    return day if day <= last_contact else None

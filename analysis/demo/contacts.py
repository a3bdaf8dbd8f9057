from datetime import date, timedelta

from analysis.demo.chance import Chance

EVERY = 91  # days: the study followed its patients every three months


def contact_days(chance: Chance, index: date, last_contact: int, death: int | None) -> tuple[date, ...]:
    """Visits about every three months, up to the last contact or to the last visit before the death."""
    # No visit shortly before the last contact; patients who die come until two weeks before.
    end = last_contact - EVERY // 2 if death is None else death - 14
    days = []
    due = EVERY
    while due < end:
        days.append(due + chance.whole(-7, 7))
        due += EVERY
    if death is None:
        days.append(last_contact)
    return tuple(index + timedelta(days=day) for day in days)

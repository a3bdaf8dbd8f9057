"""What the statistics refuse, each refusal a type of its own with a message of one sentence."""


class StatsInputError(ValueError):
    """The input does not allow the number that was asked for."""


class MissingValueError(StatsInputError):
    """A value is missing or infinite."""


class MagnitudeError(StatsInputError):
    """Values are so large, or all of them so close to 0, that their squares are not numbers any more."""


class LengthMismatchError(StatsInputError):
    """Arrays that belong together differ in length."""


class EmptyInputError(StatsInputError):
    """No row is left to compute from."""


class EventCodeError(StatsInputError):
    """An indicator holds something other than 0 and 1."""


class NegativeTimeError(StatsInputError):
    """A follow-up time is below zero."""


class EntryAfterExitError(StatsInputError):
    """A patient leaves at or before the time of entry."""


class TooFewGroupsError(StatsInputError):
    """A comparison has fewer groups (or classes) than it needs."""


class NoEventsError(StatsInputError):
    """Nobody had the event."""


class ConstantCovariateError(StatsInputError):
    """A covariate has the same value in every patient who could inform it."""


class CollinearCovariatesError(StatsInputError):
    """A covariate is a linear combination of the others."""


class SeparationError(StatsInputError):
    """The likelihood has no finite maximum: a covariate orders the events perfectly."""


class ParameterError(StatsInputError):
    """An option has a value that the method does not know."""

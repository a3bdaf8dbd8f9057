from itertools import count

import pytest
from django.test import override_settings

from analysis.engine.heartbeat import ClaimLost, beating, stoppable

pytestmark = pytest.mark.django_db
IN_A_HURRY = override_settings(LEASE_SECONDS=0.03)


def test_a_computation_whose_claim_is_lost_is_broken_off() -> None:
    with pytest.raises(ClaimLost), IN_A_HURRY, beating(lambda: False), stoppable():
        for _number in count():
            pass


def test_what_reads_or_stores_is_not() -> None:
    asked: list[int] = []

    def lost() -> bool:
        asked.append(1)
        return False

    with IN_A_HURRY, beating(lost):
        while not asked:
            pass
    assert asked == [1]

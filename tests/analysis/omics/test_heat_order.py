"""The order of a heat map."""

import numpy as np
import pytest

from analysis.omics.errors import OmicsInputError
from analysis.omics.heat_order import hierarchical_order, order_within_groups, row_z_scores


def test_z_scores_of_a_row_have_mean_0_and_sample_sd_1() -> None:
    z = row_z_scores(np.array([[1.0, 2.0, 3.0], [5.1, 5.1, 5.1]]))
    # R: scale(1:3) gives -1, 0, 1.
    assert z.tolist() == [[-1.0, 0.0, 1.0], [0.0, 0.0, 0.0]]


def test_like_rows_stand_side_by_side() -> None:
    values = np.array([[0.0, 0.0], [10.0, 10.0], [0.1, 0.0], [10.0, 10.2], [5.0, 5.0]])
    order = hierarchical_order(values)
    places = {row: place for place, row in enumerate(order)}
    assert abs(places[0] - places[2]) == 1
    assert abs(places[1] - places[3]) == 1
    assert sorted(order) == list(range(5))


def test_equal_data_give_one_order_whatever_the_method() -> None:
    values = np.random.default_rng(4).normal(size=(30, 6))
    for method in ("average", "complete", "ward"):
        assert hierarchical_order(values, method=method) == hierarchical_order(values.copy(), method=method)


def test_samples_stay_in_their_group_and_groups_in_the_order_met() -> None:
    values = np.array([[9.0, 1.0, 9.1, 5.0, 1.1, 2.0]])
    groups = ["Tumour", "Normal", "Tumour", "Tumour", "Normal", "Normal"]
    order = order_within_groups(values, groups)
    assert [groups[place] for place in order] == ["Tumour"] * 3 + ["Normal"] * 3
    tumours = order[:3]
    assert abs(tumours.index(0) - tumours.index(2)) == 1


@pytest.mark.parametrize("rows", [1, 2])
def test_one_row_and_two_need_no_tree(rows: int) -> None:
    assert hierarchical_order(np.ones((rows, 3))) == list(range(rows))


def test_bad_input_is_refused_with_its_place() -> None:
    with pytest.raises(OmicsInputError, match="Row 2, column 1"):
        hierarchical_order(np.array([[1.0, 2.0], [np.nan, 1.0], [0.0, 0.0]]))
    with pytest.raises(OmicsInputError, match="not 'single'"):
        hierarchical_order(np.ones((3, 3)), method="single")
    with pytest.raises(OmicsInputError, match="two samples"):
        row_z_scores(np.ones((3, 1)))
    with pytest.raises(OmicsInputError, match="not empty"):
        row_z_scores(np.ones((0, 3)))
    with pytest.raises(OmicsInputError, match="3 samples have 2 groups"):
        order_within_groups(np.ones((2, 3)), ["a", "b"])

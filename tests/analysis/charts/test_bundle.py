from pathlib import Path

from analysis.charts.bundle import NAME, write_bundle


def test_the_library_is_made_once_and_again_when_it_is_of_another_version(tmp_path: Path) -> None:
    folder = tmp_path / "built"
    path = folder / NAME
    assert write_bundle(folder)
    made = path.read_text(encoding="utf-8")
    assert "hepaticaChartTheme" in made

    assert not write_bundle(folder)

    path.write_text(made.replace("/* vl-convert ", "/* vl-convert 0.", 1), encoding="utf-8")
    assert write_bundle(folder)
    assert path.read_text(encoding="utf-8") == made
    assert [each.name for each in folder.iterdir()] == [NAME]

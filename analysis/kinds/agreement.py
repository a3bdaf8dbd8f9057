"""How well raters agree: kappa for categories, limits of agreement for numbers, intraclass correlations."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from analysis.charts import bland_altman, correlation_matrix, read_matrix
from analysis.frames.frame import Frame
from analysis.frames.reader_columns import is_of_reader, reader_column
from analysis.frames.request import FrameRequest
from analysis.frames.variables import VariableNameError, parse
from analysis.headline.claims import Claim
from analysis.kinds import readers_compared
from analysis.kinds.agreement_tables import agreement_tables
from analysis.kinds.base import Figure, Output, ParameterError
from analysis.kinds.readers_compared import WEIGHTS
from analysis.kinds.tables import ResultTable
from analysis.kinds.wording import ALPHA
from analysis.rscripts.agreement import agreement_script
from analysis.stats.agreement import MIN_SUBJECTS
from analysis.stats.errors import StatsInputError
from analysis.tables.framing import Framing, listed
from analysis.tables.table import Table, TableError
from labs.ihc.scoring import ATTAINABLE
from labs.markers.models import Scale

# Numbers of more different values than this are measured, not chosen from a scale: no kappa unless it is asked for.
MOST_LEVELS = 15
NOTHING: Output = {"kappa": None, "fleiss": None, "pairs": [], "icc": [], "levels": None}


class AgreementOfRaters:
    code = "agreement"
    label = _("Agreement of raters")
    version = 1
    template = "analysis/kinds/tables.html"

    def check(self, parameters: Mapping[str, Any]) -> None:
        unknown = set(parameters) - {"marker", "raters", "weights", "icc", "levels"}
        if unknown:
            raise ParameterError(sorted(unknown)[0], "is no parameter of an agreement of raters.")
        if ("marker" in parameters) == ("raters" in parameters):
            raise ParameterError("marker", "give a marker whose readers are compared, or raters, not both.")
        if "marker" in parameters:
            _check_marker(parameters["marker"])
        else:
            _check_raters(parameters["raters"])
        if parameters.get("weights", "none") not in WEIGHTS:
            raise ParameterError("weights", f"is one of {', '.join(WEIGHTS)}.")
        if not isinstance(parameters.get("icc", False), bool):
            raise ParameterError("icc", "is true or false.")
        _check_levels(parameters.get("levels"))
        self.request(parameters)

    def request(self, parameters: Mapping[str, Any]) -> FrameRequest:
        if "marker" in parameters:
            # The consensus stays in the frame: without it nobody has been read.
            return FrameRequest(variables=(parameters["marker"],), by_reader=(parameters["marker"],))
        return FrameRequest(variables=tuple(parameters["raters"]))

    def compute(self, frame: Frame, parameters: Mapping[str, Any]) -> Output:
        columns = _columns(frame, parameters)
        complete = frame.complete(*columns)
        marker = parameters.get("marker")
        base: Output = {
            "label": frame.columns[marker]["label"] if marker else "",
            "unit": frame.columns[marker or columns[0]]["unit"],
            "columns": columns,
            "raters": [_name(frame, column, marker) for column in columns],
            "n": len(complete.rows),
            "n_raters": len(columns),
            "scale": None,
            "weights": parameters.get("weights", "none"),
            "dropped": complete.dropped(),
            "notes": list(frame.notes),
            "warnings": [],
        }
        if len(columns) < 2:
            return base | NOTHING | {"refused": "No closed round of this marker has two readers to compare."}
        if not complete.rows:
            return base | NOTHING | {"refused": "Nobody was read by every rater."}
        return base | _compared(complete, columns, parameters, base)

    def headline(self, output: Output) -> list[Claim]:
        claims = [Claim("n", "Subjects read by every rater", output["n"])]
        for pair in output["pairs"]:
            claims += _pair_claims(pair, output)
        if fleiss := output["fleiss"]:
            claims.append(_kappa_claim("fleiss", "Fleiss' kappa", fleiss))
        for form in output["icc"]:
            if form["name"] in ("ICC2", "ICC3"):
                label = f"{form['name']}, {form['means']}"
                claims.append(Claim(form["name"].lower(), label, form["value"], form["low"], form["high"]))
        return claims

    def figures(self, output: Output) -> list[Figure]:
        if not output["pairs"]:
            return []
        title = f"Agreement of {', '.join(output['raters'])}"
        if output["scale"] == "categories":
            reads = Figure("reads", title, read_matrix.chart(output))
            return [reads] if len(output["pairs"]) <= read_matrix.MOST_PAIRS else [_kappas(output), reads]
        drawn = [pair for pair in output["pairs"] if pair["differences"]]
        return [
            Figure(
                f"differences-{place}",
                f"{pair['a']} less {pair['b']}",
                bland_altman.chart_of(pair, output["label"] or "Reads", output["unit"]),
            )
            for place, pair in enumerate(drawn, start=1)
        ]

    def tables(self, output: Output) -> list[ResultTable]:
        return agreement_tables(output)

    def add_options(self, parser: ArgumentParser) -> None:
        parser.add_argument("--raters", metavar="A,B", help="a column for each rater, a row for each subject")
        parser.add_argument("--weights", choices=sorted(WEIGHTS), help="credit of kappa for near misses (none)")
        parser.add_argument("--levels", metavar="L,L", help="the categories in their order (numbers by size)")
        parser.add_argument("--icc", action="store_true", help="the six intraclass correlations")

    def from_table(self, table: Table | None, options: Namespace) -> tuple[Frame, dict[str, Any]]:
        if table is None:
            raise TableError("Name the file of the table.")
        if not options.raters:
            raise TableError("Name the columns of the raters: --raters A,B.")
        raters = listed(options.raters)
        if len(raters) < 2:
            raise TableError(f"--raters {options.raters!r}: agreement needs at least two raters.")
        framing = Framing(table)
        parameters: dict[str, Any] = {"raters": raters, "icc": options.icc}
        if options.weights:
            parameters["weights"] = options.weights
        # Where one rater gives numbers, a word of another is a slip and no category.
        is_number = options.icc or any(table.is_numeric(rater) for rater in raters)
        (framing.numbers if is_number else framing.texts)(*raters)
        if options.levels:
            parameters["levels"] = _levels_wished(listed(options.levels), is_number)
            _on_the_scale(table, raters, parameters["levels"], is_number)
        return framing.frame(), parameters

    def r_script(self, frame: Frame, parameters: Mapping[str, Any], output: Output, *, name: str) -> str:
        return agreement_script(output, name=name)


AGREEMENT = AgreementOfRaters()


def _kappas(output: Output) -> Figure:
    """Of many raters: every kappa on one page."""
    word = "Cohen's kappa" if output["weights"] == "none" else f"Cohen's kappa, {output['weights']} weights"
    pairs = [
        {"a_label": pair["a"], "b_label": pair["b"], "n": pair["n"], "test": word, "q": None}
        | {"r": (pair["kappa"] or {}).get("value"), "p": (pair["kappa"] or {}).get("p")}
        for pair in output["pairs"]
    ]
    drawn = {"columns": [{"label": rater} for rater in output["raters"]], "pairs": pairs, "adjust": "none"}
    return Figure("kappas", f"{word} of every pair of raters", correlation_matrix.chart(drawn, ALPHA))


def _check_marker(marker: Any) -> None:
    try:
        is_read = isinstance(marker, str) and parse(marker).source == "ihc"
    except VariableNameError as error:
        raise ParameterError("marker", str(error)) from error
    if not is_read:
        raise ParameterError("marker", f"only a marker of IHC has readers, such as ihc:FAP@tumour, not {marker!r}.")


def _check_raters(raters: Any) -> None:
    if not isinstance(raters, list | tuple) or len(raters) < 2 or len(set(map(str, raters))) < len(raters):
        raise ParameterError("raters", "name at least two variables, each once.")
    for name in raters:
        try:
            parse(str(name))
        except VariableNameError as error:
            raise ParameterError("raters", str(error)) from error


def _check_levels(levels: Any) -> None:
    if levels is None:
        return
    if not isinstance(levels, list | tuple) or len(levels) < 2 or len(set(map(str, levels))) < len(levels):
        raise ParameterError("levels", "are at least two categories in their order, each once.")


def _columns(frame: Frame, parameters: Mapping[str, Any]) -> list[str]:
    if "raters" in parameters:
        return list(parameters["raters"])
    marker = parameters["marker"]
    found = [column for column in frame.columns if is_of_reader(marker, column)]
    # Their mean and the consensus are no readers.
    return sorted(column for column in found if column.startswith(reader_column(marker, "reader ")))


def _name(frame: Frame, column: str, marker: str | None) -> str:
    return column.removeprefix(reader_column(marker, "")) if marker else str(frame.columns[column]["label"])


def _levels_wished(levels: list[str], is_number: bool) -> list[float] | list[str]:
    if len(levels) < 2:
        raise TableError("--levels: a scale has at least two levels.")
    if not is_number:
        return levels
    try:
        numbers = [float(level) for level in levels]
    except ValueError:
        raise TableError(
            f"--levels {','.join(levels)!r}: the raters give numbers, so the levels are numbers."
        ) from None
    if numbers != sorted(set(numbers)):
        raise TableError(f"--levels {','.join(levels)!r}: numbers are given in increasing order.")
    return numbers


def _on_the_scale(table: Table, raters: list[str], levels: list[Any], is_number: bool) -> None:
    for rater in raters:
        cells: list[Any] = list(table.numeric(rater) if is_number else table.texts(rater))
        for number, cell in zip(table.numbers, cells, strict=True):
            if cell is not None and cell not in levels:
                said = f"{cell:g}" if is_number else repr(cell)
                raise TableError(f"Column {rater}, row {number}: {said} is none of the levels.")


def _compared(frame: Frame, columns: list[str], parameters: Mapping[str, Any], base: Output) -> Output:
    names, weights = base["raters"], base["weights"]
    reads = [[row[column] for column in columns] for row in frame.rows]
    is_number = all(isinstance(read, int | float) and not isinstance(read, bool) for row in reads for read in row)
    chosen = {read if is_number else str(read) for row in reads for read in row}
    levels = _scale(frame, parameters, chosen)
    stray = chosen - set(levels)
    if stray:
        return NOTHING | {"refused": f"{sorted(map(str, stray))[0]} is none of the levels."}
    warnings, notes = list(base["warnings"]), list(base["notes"])
    wants_kappa = not is_number or "weights" in parameters or "levels" in parameters
    is_scale = wants_kappa or _is_scale(levels)
    try:
        if is_scale:
            places = [[float(levels.index(read if is_number else str(read))) for read in row] for row in reads]
            found = readers_compared.of_categories(places, [_spelled(level) for level in levels], names, weights)
        else:
            found = readers_compared.of_numbers(reads, names)
            notes.append(f"The reads take {len(levels)} different values and are compared as numbers.")
    except StatsInputError as error:
        found = {"kappa": None, "fleiss": None, "pairs": [], "refused": str(error)}
    warnings += found.pop("warnings", [])
    if weights != "none" and is_scale:
        notes.append(f"Levels count as equally far apart, in this order: {', '.join(map(_spelled, levels))}.")
        if not is_number and "levels" not in parameters:
            warnings.append("The levels are ordered by the alphabet; name them in their order if that is another.")
    forms: list[dict[str, Any]] = []
    why: str | None = None
    if is_number and (parameters.get("icc") or not is_scale):
        forms, why = readers_compared.of_correlations(reads)
    elif parameters.get("icc"):
        why = "No intraclass correlation: the reads are words."
    warnings += [why] if why else []
    if forms and len(reads) < MIN_SUBJECTS:
        warnings.append(f"No p: {len(reads)} subjects were read by every rater, fewer than {MIN_SUBJECTS}.")
    return found | {
        "scale": "categories" if is_scale else "numbers",
        "levels": [_spelled(level) for level in levels] if is_scale else None,
        "is_number": is_number,
        "icc": forms,
        "notes": notes,
        "warnings": warnings,
    }


def _is_scale(levels: list[float]) -> bool:
    """Few numbers, in whole or half steps: chosen, where others are measured."""
    return len(levels) <= MOST_LEVELS and all(2 * level == int(2 * level) for level in levels)


def _scale(frame: Frame, parameters: Mapping[str, Any], chosen: set[Any]) -> list[Any]:
    if parameters.get("levels"):
        return list(parameters["levels"])
    marker = parameters.get("marker")
    # A patient of several slides has their mean, which need not be a score.
    if marker and frame.columns[marker].get("scale") == Scale.SCORE and chosen <= set(ATTAINABLE):
        return [float(score) for score in ATTAINABLE]
    return sorted(chosen)


def _spelled(level: Any) -> str:
    return level if isinstance(level, str) else f"{level:.12g}"


def _pair_claims(pair: dict[str, Any], output: Output) -> list[Claim]:
    who, key = f"{pair['a']} and {pair['b']}", f"{pair['a']}_{pair['b']}"
    if output["scale"] == "categories":
        word = "Kappa" if output["weights"] == "none" else f"Kappa, {output['weights']} weights"
        return [_kappa_claim(f"kappa_{key}", f"{word}, {who}", pair["kappa"])]
    found = pair["differences"]
    if found is None:
        return [Claim(f"bias_{key}", f"Bias, {who}", None, verdict="no bias given")]
    bias, unit = found["bias"], output["unit"]
    side = "higher" if bias["value"] > 0 else "lower"
    verdict = "no bias shown" if bias["low"] <= 0 <= bias["high"] else f"{pair['a']} reads {side} than {pair['b']}"
    return [
        Claim(f"bias_{key}", f"{pair['a']} less {pair['b']}", bias["value"], bias["low"], bias["high"], unit, verdict),
        *(
            Claim(f"{end}_{key}", f"{end.capitalize()} limit of agreement, {who}", *_limits(found[end]), unit)
            for end in ("lower", "upper")
        ),
    ]


def _limits(limit: dict[str, float]) -> tuple[float, float, float]:
    return limit["value"], limit["low"], limit["high"]


def _kappa_claim(name: str, label: str, kappa: dict[str, Any] | None) -> Claim:
    if kappa is None:
        return Claim(name, label, None, verdict="no kappa")
    verdict = "better than chance" if kappa["low"] > 0 else "not shown to be better than chance"
    return Claim(name, label, *_limits(kappa), verdict=verdict)

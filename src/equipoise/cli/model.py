"""`equipoise complete --model`: a saved model predicts, recommends, and takes in new entries."""

import csv
import dataclasses
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from cyclopts import Parameter

from equipoise.cli.model_input import entries_in, pairs_in, rows_named
from equipoise.cli.options import WholeNumber
from equipoise.cli.output import only_results_on_stdout, print_json, print_line
from equipoise.cli.reading import Reading

if TYPE_CHECKING:
    from equipoise.estimators import CompletionModel

_TOP = 10
_ALLOWED = ("file", "use", "reading", "out", "as_json")


@Parameter(name="*")
@dataclasses.dataclass(frozen=True)
class Use:
    """What to do with a saved model."""

    model: Annotated[
        Path | None,
        Parameter(metavar="DIR", help="Use the model in DIR, which --out wrote, instead of completing a file."),
    ] = None
    predict: Annotated[
        Path | None,
        Parameter(metavar="PAIRS", help="With --model: predict for the pairs of row id and column id in this table."),
    ] = None
    recommend: Annotated[
        str | None,
        Parameter(
            metavar="ROWS",
            allow_leading_hyphen=True,
            help="With --model: the columns of the largest predictions, without those known, for these row ids, "
            "separated by commas or in a file.",
        ),
    ] = None
    top: Annotated[WholeNumber | None, Parameter(help=f"With --recommend: how many columns; {_TOP} by default.")] = None
    fold_in: Annotated[
        Path | None,
        Parameter(
            metavar="NEW",
            help="With --model: first take in the entries of new rows, and further ones of known rows, from this file; "
            "without --predict or --recommend the model is written, to --out or in place.",
        ),
    ] = None
    unknown: Annotated[
        Literal["means", "error"] | None,
        Parameter(help="With --model: what to do with unknown ids: predict their means (the default), or refuse them."),
    ] = None


class _Answer(NamedTuple):
    """A table of results."""

    header: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    notes: tuple[str, ...]


def check_use(use: Use, given: Mapping[str, Any], command: Callable[..., Any]) -> None:
    """Raise `InputError` for options that do not go together; `given` are the arguments of the command by name."""
    from equipoise.core.errors import InputError

    if use.model is None:
        for name, value in vars(use).items():
            if value is not None:
                raise InputError(f"{_option(name)} is for a saved model; name its folder by --model.")
        if given["file"] is None:
            raise InputError("There is nothing to complete; give a file, or the folder of a saved model by --model.")
        return
    if given["file"] is not None:
        raise InputError("A file to complete and --model exclude each other; to add its entries, give it to --fold-in.")
    for name, parameter in inspect.signature(command).parameters.items():
        if name not in _ALLOWED and given[name] != parameter.default:
            raise InputError(f"{_option(name)} is for a new completion, not for --model; drop one of them.")
    if use.predict is not None and use.recommend is not None:
        raise InputError("--predict and --recommend exclude each other; ask for one, then for the other.")
    if use.top is not None and use.recommend is None:
        raise InputError("--top is for --recommend; name the row ids.")
    if use.predict is None and use.recommend is None and use.fold_in is None:
        raise InputError("Say what the model is to do: --predict, --recommend or --fold-in.")


def _option(name: str) -> str:
    from equipoise.cli.reading import SAID

    return "--" + SAID.get(name, name).replace("_", "-")


def use_model(use: Use, how: Reading, out: Path | None, as_json: bool) -> int:
    """Do what is asked, and print it as CSV, or as JSON, on stdout, or write it to a file; notes go to stderr."""
    from equipoise.estimators import load_model

    assert use.model is not None
    folder = use.model
    with only_results_on_stdout():
        model = load_model(folder)
        changed = "" if model.origin is None else model.origin.warning()
        notes: tuple[str, ...] = (changed,) if changed else ()
        if use.fold_in is not None:
            model = model.fold_in(entries_in(use.fold_in, how, model), unknown=use.unknown or "means")
            notes += model.notes
        answer = _answer(use, how, model)
    if answer is None:
        paths = model.save(out or folder)
        found: dict[str, Any] = {"rows": model.row_ids.size, "entries": len(model.known), "files": paths}
        written: Path | None = out or folder
        if not as_json:
            print_line(f"{model.row_ids.size} rows with {len(model.known)} entries")
    else:
        notes += answer.notes
        found = {"answers": [dict(zip(answer.header, row, strict=True)) for row in answer.rows]}
        written = out
        _write(answer, out, to_stdout=not as_json)
    for note in notes:
        print_line(f"note: {note}", to_stderr=True)
    if written is not None:
        print_line(f"written to {written}", to_stderr=as_json)
    if as_json:
        print_json({"model": folder, **found, "notes": list(notes)})
    return 0


def _answer(use: Use, how: Reading, model: "CompletionModel") -> _Answer | None:
    unknown = use.unknown or "means"
    row, column, _ = model.titles
    if use.predict is not None:
        ids, others = pairs_in(use.predict, how, model)
        predicted = model.predict(ids, others, unknown=unknown)
        _check_some_known(model, ids, others, str(use.predict))
        values = predicted.values.tolist()
        return _Answer((row, column, "prediction"), list(zip(ids, others, values, strict=True)), predicted.notes)
    if use.recommend is None:
        return None
    ids = rows_named(use.recommend, how, model)
    best = model.recommend_all(ids, _TOP if use.top is None else use.top, unknown=unknown)
    rows = [
        (identity, rank, item, value)
        for identity, each in zip(ids, best, strict=True)
        for rank, (item, value) in enumerate(zip(each.columns.tolist(), each.values.tolist(), strict=True), 1)
    ]
    notes = tuple(dict.fromkeys(note for each in best for note in each.notes))
    return _Answer((row, "rank", column, "prediction"), rows, notes)


def _check_some_known(model: "CompletionModel", rows: Sequence[Any], columns: Sequence[Any], name: str) -> None:
    from equipoise.core.errors import InputError
    from equipoise.datasets.entries.triplets import shown_id

    if set(rows).isdisjoint(model.row_ids.tolist()) and set(columns).isdisjoint(model.column_ids.tolist()):
        raise InputError(
            f"The model knows no id in {name}, whose first pair is {shown_id(rows[0])} and {shown_id(columns[0])}, "
            f"while the model has rows such as {shown_id(model.row_ids[0])} and columns such as "
            f"{shown_id(model.column_ids[0])}; name the right columns by --columns."
        )


def _write(answer: _Answer, out: Path | None, *, to_stdout: bool) -> None:
    from equipoise.core.files import write_rows

    if out is not None:
        write_rows(out, answer.header, answer.rows)
    elif to_stdout:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(answer.header)
        writer.writerows(answer.rows)

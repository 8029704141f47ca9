"""What ``reach-check`` found, shown and turned into an exit code. Never here: judging, options."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fargate_net.cli.options import Door
from fargate_net.cli.views import documents
from fargate_net.errors import UsageError

if TYPE_CHECKING:
    from fargate_net.app.reaching import Checked
    from fargate_net.model.verdict import Answer

NOT_MET = 3


def show(door: Door, checked: Checked, *, asked: bool) -> int:
    """Print what was found in the form asked for; 3 when one of the answers is not as it should be."""
    if door.is_data:
        door.data(_document(checked))
    else:
        _print(door, checked, every_hop=asked or door.verbose > 0)
    return 0 if checked.met else NOT_MET


def write_page(checked: Checked, file: Path) -> None:
    """Write the matrix as a page to look at."""
    from fargate_net.cli.views.matrix_html import page

    assert checked.matrix is not None, "only --all has a page"
    try:
        file.write_text(page(checked.matrix, checked.missing), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}.", hint="Name another file.") from error


def _document(checked: Checked) -> dict[str, Any]:
    if checked.matrix is not None:
        return documents.matrix_document(checked.matrix, checked.missing)
    if checked.changes is not None:
        return documents.changes_document(checked.changes, checked.missing)
    document = documents.answers_document(checked.answers)
    if checked.probed:
        from fargate_net.cli.views import probes

        for answer, written in zip(checked.answers, document["answers"], strict=True):
            if (tried := checked.probed.get(answer.question)) is not None:
                written.update(probes.document(tried))
    return document


def _print(door: Door, checked: Checked, *, every_hop: bool) -> None:
    from fargate_net.cli.views import (
        matrix,
        probes,
        verdicts,
    )  # rich, which a program that reads JSON need not wait for

    out = door.out()
    if checked.matrix is not None:
        matrix.show(out, checked.matrix)
    elif checked.changes is not None:
        verdicts.changes(out, checked.changes)
    else:

        def below(answer: Answer) -> None:
            if (tried := checked.probed.get(answer.question)) is not None:
                probes.show(out, answer, tried)

        verdicts.show(out, checked.groups, every_hop=every_hop, to_the_end=door.verbose > 0, below=below)
    if checked.matrix is not None or checked.changes is not None or door.verbose:
        for fact in checked.missing:
            click.echo(f"not known: {fact}", err=True)
    for said in (verdicts.summary(checked.answers), probes.summary(iter(checked.probed.values()))):
        if said:
            click.echo(said, err=True)

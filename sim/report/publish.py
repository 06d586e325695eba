"""Publish an answer: its figures, small tables, pictures and a manifest."""

from pathlib import Path

from sim.experiment.storage.answer_files import answer_into
from sim.experiment.storage.manifest import write_manifest
from sim.render.document import Figures
from sim.render.json import as_json
from sim.report.answers.kind import Kind

_OF_THIS_MOMENT = ("platform", "commit", "made")
"""The entries of a manifest that depend on the machine and the moment."""


def publish(
    folder: Path, answer: Kind, own: Path | None = None, manifest: Figures | None = None
) -> None:
    """Write answer.json, tables and pictures; also a manifest, unless `folder` is `own`.

    `own` is the folder of the wars. `manifest` states what determined the answer; by default the
    answer does.
    """
    pictures = answer.pictures()
    with answer_into(folder) as part:
        (part / "answer.json").write_text(as_json(answer.published) + "\n", encoding="utf-8")
        for name, text in answer.files().items():
            (part / name).write_text(text, encoding="utf-8")
        for name, picture in pictures.items():
            if picture is not None:
                picture.write_to(part, name)
        if own is None or own.resolve() != folder.resolve():
            decided_by = answer.made_of() if manifest is None else manifest
            lasting = {k: value for k, value in decided_by.items() if k not in _OF_THIS_MOMENT}
            write_manifest(part, lasting)

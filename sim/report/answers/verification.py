"""A verification in figures and in text."""

from collections.abc import Sequence
from typing import Any

from sim.evidence.verify.case import MOST_Z, Case
from sim.render.document import Section
from sim.report.answers.kind import Kind


class Verification(Kind):
    """The model against closed forms and published tables."""

    kind = "verification"

    def sections(self) -> list[Section]:
        """One row per case."""
        figures = self.figures
        rows = [
            {
                "case": row["case"],
                "who says so": row["source"],
                "expected": row["expected"],
                "got": row["got"],
                "±": f"{row['mc_error']:.2g}" if row["mc_error"] else "",
                "z": f"{row['z']:.2f}",
                "verdict": row["verdict"],
            }
            for row in figures["cases"]
        ]
        agreed = (
            f"{figures['agree']} of {figures['all']} cases agree: |z| is at most {MOST_Z:g}, of "
            "what was reported 1.64. ± is one Monte Carlo standard error; an identity has none and "
            "must hold to rounding."
        )
        return [Section.of("Cases", [], rows), Section("Verdict", [agreed])]


def cases_in_figures(cases: Sequence[Case]) -> dict[str, Any]:
    """The cases as a dictionary, with the number that agree."""
    rows = [
        {
            "case": case.name,
            "source": case.source,
            "expected": case.expected,
            "got": case.got,
            "mc_error": case.error,
            "z": case.z,
            "verdict": "agrees" if case.agrees else "DIFFERS",
        }
        for case in cases
    ]
    return {"cases": rows, "agree": sum(case.agrees for case in cases), "all": len(cases)}

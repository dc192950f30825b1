"""Where figures come from: document, seeds, versions, checksums, and how to get them again."""

from __future__ import annotations

import json
import re
from typing import Any

from ..store import ResultsFile
from .document import Provenance

__all__ = ["provenance_of", "reproducing_document"]

_FACTS = {
    "experiment": "experiment",
    "document_digest": "digest of the document",
    "orrery_version": "orrery",
    "compiler": "compiler",
    "cpu": "processor",
    "cpu_threads": "processor threads",
    "operating_system": "operating system",
    "started": "started (UTC)",
}


def provenance_of(file: ResultsFile) -> Provenance:
    """All that the file says of its origin."""
    names = {variant.id: variant.name for variant in file.variants}
    facts = [(label, file.meta[key]) for key, label in _FACTS.items() if key in file.meta]
    finished = [run for run in file.runs if run.status == "ok"]
    facts.append(("runs", f"{len(finished)} finished of {len(file.runs)}"))
    seeds = sorted({run.seed for run in file.runs})
    facts.append(("seeds", _seeds_text(seeds)))
    facts.append(("events simulated", f"{sum(run.events for run in finished):,}"))
    wall = sum(run.wall_seconds for run in finished if run.wall_seconds == run.wall_seconds)
    facts.append(("computing time", f"{wall:.1f} s"))
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", file.meta.get("experiment", "experiment"))
    return Provenance(
        file=file.path.name,
        facts=facts,
        traces=file.traces,
        document_name=f"{name}.json",
        document=reproducing_document(file, seeds),
        command=f"orrery run {name}.json --out {name}.db",
        fingerprints=[[names[run.variant], str(run.seed), run.fingerprint] for run in finished],
    )


def reproducing_document(file: ResultsFile, seeds: list[int]) -> str:
    """The experiment document with the seeds that were run: running it gives equal rows."""
    document: dict[str, Any] = json.loads(file.meta.get("document", "{}"))
    head: dict[str, Any] = {"orrery": document.pop("orrery", 1)}
    head["name"] = document.pop("name", file.meta.get("experiment", "experiment"))
    if file.meta.get("description"):
        head["description"] = file.meta["description"]
    head["seeds"] = _seeds_member(seeds)
    if file.meta.get("baseline"):
        head["baseline"] = file.meta["baseline"]
    metrics = [line for line in file.meta.get("metrics", "").split("\n") if line]
    if metrics:
        head["metrics"] = metrics
    return json.dumps({**head, **document}, indent=2, ensure_ascii=False) + "\n"


def _is_range(seeds: list[int]) -> bool:
    return len(seeds) > 1 and seeds == list(range(seeds[0], seeds[0] + len(seeds)))


def _seeds_member(seeds: list[int]) -> Any:
    return {"first": seeds[0], "count": len(seeds)} if _is_range(seeds) else seeds


def _seeds_text(seeds: list[int]) -> str:
    if _is_range(seeds):
        return f"{seeds[0]} to {seeds[-1]}"
    return ", ".join(map(str, seeds[:20])) + (" …" if len(seeds) > 20 else "")

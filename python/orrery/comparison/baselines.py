"""Which variant each one is compared with, and which belong on one chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import Error, suggest

__all__ = ["Group", "find_baselines", "group_variants"]

#: More variants than this do not fit one chart: they are grouped by the first parts of their names.
_TOGETHER_MAX = 12


@dataclass(frozen=True)
class Group:
    """Variants that are shown together: one workload under several policies, say."""

    name: str  #: what they share; empty when all variants are in one group
    variants: tuple[str, ...]
    labels: tuple[str, ...]  #: what tells them apart, in the same order


def find_baselines(variants: Sequence[str], pattern: str) -> list[str]:
    """The baseline of each variant, as ``orrery compare`` finds it.

    A pattern is the name of a variant, or has ``*`` for parts between slashes that a variant shares
    with its baseline: with ``*/random``, ``cpu050/fgd`` is compared with ``cpu050/random``.
    ``random`` alone means ``*/random`` where no variant has that name. Raises ``orrery.Error``.
    """
    whole = _completed(pattern or variants[0], variants)
    names = set(variants)
    baselines = []
    for variant in variants:
        name = _filled_in(whole, variant)
        if name not in names:
            raise Error(
                f"no variant is called '{name}' (the baseline of '{variant}'):"
                f" {suggest(name, list(variants))}"
            )
        baselines.append(name)
    return baselines


def group_variants(variants: Sequence[str], pattern: str) -> list[Group]:
    """Groups by what the stars of the baseline stand for; else by all parts but the last."""
    whole = _completed(pattern or variants[0], variants).split("/")
    split = [variant.split("/") for variant in variants]
    if "*" in whole and all(len(parts) == len(whole) for parts in split):
        shared = [part == "*" for part in whole]
    elif len(variants) > _TOGETHER_MAX and all(len(parts) == len(split[0]) > 1 for parts in split):
        shared = [True] * (len(split[0]) - 1) + [False]
    else:
        return [Group("", tuple(variants), tuple(variants))]
    groups: dict[str, list[tuple[str, str]]] = {}
    for variant, parts in zip(variants, split):
        name = "/".join(part for part, is_shared in zip(parts, shared) if is_shared)
        label = "/".join(part for part, is_shared in zip(parts, shared) if not is_shared)
        groups.setdefault(name, []).append((variant, label))
    return [
        Group(name, tuple(variant for variant, _ in members), tuple(label for _, label in members))
        for name, members in groups.items()
    ]


def _completed(pattern: str, variants: Sequence[str]) -> str:
    if pattern in variants or "/" in pattern:
        return pattern
    for variant in variants:
        parts = variant.split("/")
        if len(parts) > 1 and parts[-1] == pattern:
            return "*/" * (len(parts) - 1) + pattern
    return pattern


def _filled_in(pattern: str, variant: str) -> str:
    parts, own = pattern.split("/"), variant.split("/")
    if len(parts) != len(own):
        return pattern
    return "/".join(mine if part == "*" else part for part, mine in zip(parts, own))

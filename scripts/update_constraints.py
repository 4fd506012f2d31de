"""Write constraints.txt from the packages of this virtual environment: ``python scripts/update_constraints.py``.

Only what kbchat needs is pinned: its dependencies, those of every extra, and theirs. A local version label
(``2.13.0+cpu``) is dropped, so that any build of that release fits.
"""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_ROOT = Path(__file__).resolve().parents[1]
_HEAD = "# Written by scripts/update_constraints.py: the versions kbchat is tested with. Edit pyproject.toml, not this file.\n"


def pins(requirements: list[str]) -> dict[str, str]:
    """Names and versions of the installed packages that ``requirements`` lead to, directly or not.

    Raises PackageNotFoundError when one of ``requirements`` itself is not installed; what is missing further down is
    for another platform, or optional.
    """
    direct = {canonicalize_name(Requirement(line).name) for line in requirements}
    found: dict[str, str] = {}
    waiting = [Requirement(line) for line in requirements]
    visited: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement = waiting.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if (name, extras) in visited:
            continue
        visited.add((name, extras))
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            if name in direct:
                raise
            continue
        found[name] = installed.version.partition("+")[0]
        for line in installed.requires or []:
            child = Requirement(line)
            if child.marker is None or any(child.marker.evaluate({"extra": extra}) for extra in extras | {""}):
                waiting.append(child)
    return found


def main() -> None:
    """Write the file and say how many packages it pins."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    found = pins([*project["dependencies"], *extras])
    lines = [f"{name}=={version}\n" for name, version in sorted(found.items())]
    (_ROOT / "constraints.txt").write_text(_HEAD + "".join(lines), encoding="utf-8")
    print(f"constraints.txt: {len(found)} packages")


if __name__ == "__main__":
    main()

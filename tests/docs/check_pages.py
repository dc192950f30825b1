#!/usr/bin/env python3
"""Holds the pages to what is there: every snippet is run, compiled or parsed, every link leads on.

A fenced block is checked by its language:

  sh      one command a line. `orrery ...` is run in a scratch folder that all blocks of a page share
          and must succeed; `make TARGET` and `--preset NAME` must exist; the rest must be bash.
  cpp     must compile; without an #include of its own it sees the policy interface.
  json    must parse; a whole experiment (it has "variants") must pass `orrery validate`.
  jsonl   each line must parse.
  yaml    manifests that must run: `orrery run --from-manifests`. The block after it finds them in
          the folder cluster/.
  python  must compile.
  cmake, csv, text and blocks without a language are shown only.

Any other language is an error, so that no snippet goes unchecked unnoticed. Exits with 1 after
naming file and line of everything that is wrong.
"""

import argparse
import json
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

SHOWN_ONLY = {"", "cmake", "csv", "text"}
PRELUDE = """
#include <optional>
#include <span>
#include <string>
#include <vector>
#include "orrery/models/cluster_state.hpp"
#include "orrery/policies/placement/placement_policy.hpp"
#include "orrery/policies/registry.hpp"
using namespace orrery;
using namespace orrery::policies;
using namespace orrery::literals;
"""


class Page:
    def __init__(self, path):
        self.path = path
        self.text = path.read_text(encoding="utf-8")

    def blocks(self):
        """Yields (line, language, text) of each fenced block."""
        pattern = re.compile(r"^```([\w+-]*)[^\n]*\n(.*?)^```\s*$", re.MULTILINE | re.DOTALL)
        for block in pattern.finditer(self.text):
            line = self.text.count("\n", 0, block.start()) + 1
            yield line, block.group(1), block.group(2)

    def links(self):
        """Yields (line, target) of each link that stays in the repository."""
        prose = re.sub(r"^```.*?^```", lambda m: "\n" * m.group().count("\n"), self.text,
                       flags=re.MULTILINE | re.DOTALL)
        for link in re.finditer(r"\]\(([^)#\s]+)(#[^)]*)?\)", prose):
            if not re.match(r"[a-z]+:", link.group(1)):
                yield prose.count("\n", 0, link.start()) + 1, link.group(1)


class Checker:
    def __init__(self, args):
        self.args = args
        self.root = Path(args.root)
        self.problems = []
        self.counts = {}
        presets = json.loads((self.root / "CMakePresets.json").read_text())
        self.presets = {p["name"] for p in presets["configurePresets"]}

    def report(self, page, line, message):
        self.problems.append(f"{page.path.relative_to(self.root)}:{line}: {message}")

    def run(self, page, line, command, **options):
        result = subprocess.run(command, text=True, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
        if result.returncode != 0:
            shown = command if isinstance(command, str) else shlex.join(command)
            self.report(page, line, f"failed ({result.returncode}): {shown}\n{result.stdout}")

    def check_page(self, page):
        with tempfile.TemporaryDirectory() as scratch:
            (Path(scratch) / "results").mkdir()  # as make demo leaves it
            for line, language, text in page.blocks():
                self.counts[language] = self.counts.get(language, 0) + 1
                if language in SHOWN_ONLY:
                    continue
                check = getattr(self, f"check_{language}", None)
                if check is None:
                    self.report(page, line, f"nothing checks snippets in '{language}'")
                    continue
                check(page, line, text, scratch)
        for line, target in page.links():
            if not (page.path.parent / target).exists():
                self.report(page, line, f"leads nowhere: {target}")

    def check_sh(self, page, line, text, scratch):
        self.run(page, line, ["bash", "-n", "-c", text])
        joined = text.replace("\\\n", " ")
        for command in joined.splitlines():
            command = command.strip().removeprefix("$ ")
            words = shlex.split(command, comments=True)
            if not words:
                continue
            for preset in re.findall(r"--preset[= ](\S+)", command):
                if preset not in self.presets:
                    self.report(page, line, f"there is no preset {preset}")
            if words[0] == "make":
                self.run(page, line, ["make", "-n", *words[1:]], cwd=self.root)
            elif words[0] == "orrery" or words[0].endswith("/orrery"):
                self.run_orrery(page, line, command, scratch)

    def run_orrery(self, page, line, command, scratch):
        if not self.args.orrery:
            self.report(page, line, f"there is no orrery command in this build: {command}")
            return
        orrery = f'orrery() {{ "{self.args.orrery}" "$@"; }}; '
        called = re.sub(r"^\S*orrery\b", "orrery", command)
        self.run(page, line, ["bash", "-c", "set -o pipefail; " + orrery + called], cwd=scratch)

    def check_cpp(self, page, line, text, scratch):
        source = Path(scratch) / "snippet.cpp"
        source.write_text(text if "#include" in text else PRELUDE + text)
        includes = [f"-I{path}" for path in self.args.include.split(";") if path]
        self.run(page, line, [self.args.compiler, "-std=c++20", "-fsyntax-only", "-Wall",
                              "-Werror", *includes, str(source)])

    def check_json(self, page, line, text, scratch):
        try:
            document = json.loads(text)
        except ValueError as error:
            self.report(page, line, f"not JSON: {error}")
            return
        if self.args.orrery and isinstance(document, dict) and "variants" in document:
            file = Path(scratch) / "snippet.json"
            file.write_text(text)
            self.run(page, line, [self.args.orrery, "validate", str(file)])

    def check_yaml(self, page, line, text, scratch):
        folder = Path(scratch) / "cluster"
        folder.mkdir(exist_ok=True)
        (folder / "snippet.yaml").write_text(text)
        self.run_orrery(page, line, "orrery run --from-manifests cluster/ --out yaml.db", scratch)

    def check_jsonl(self, page, line, text, scratch):
        for offset, row in enumerate(filter(str.strip, text.splitlines())):
            self.check_json(page, line + offset, row, scratch)

    def check_python(self, page, line, text, scratch):
        try:
            compile(text, f"{page.path}:{line}", "exec")
        except SyntaxError as error:
            self.report(page, line, f"not Python: {error}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", required=True)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--include", required=True, help="include folders, separated by ;")
    parser.add_argument("--orrery", default="", help="the command, where this build has it")
    parser.add_argument("pages", nargs="*", help="instead of all pages of the repository")
    args = parser.parse_args()

    checker = Checker(args)
    root = Path(args.root)
    paths = [Path(p).resolve() for p in args.pages]
    if not paths:
        paths = sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md"),
                        *(root / "bench").rglob("*.md"), *(root / "experiments").rglob("*.md")])
    for path in paths:
        checker.check_page(Page(path))
    for problem in checker.problems:
        print(problem)
    print(f"{len(paths)} pages, snippets by language: {checker.counts}, "
          f"{len(checker.problems)} problems")
    return 1 if checker.problems or not paths else 0


if __name__ == "__main__":
    sys.exit(main())

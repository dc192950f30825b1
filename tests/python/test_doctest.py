"""The examples in the package's docstrings run as they stand, and public functions have one."""

import doctest
import importlib
import inspect
import pkgutil

import numpy as np
import pytest

import orrery
import orrery.stats

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def modules():
    names = [info.name for info in pkgutil.walk_packages(orrery.__path__, "orrery.")]
    return ["orrery", *(name for name in names if name.rpartition(".")[2] != "_core")]


def examples():
    for name in modules():
        for one in doctest.DocTestFinder().find(importlib.import_module(name)):
            if one.examples:
                yield pytest.param(one, id=one.name)


@pytest.mark.parametrize("example", list(examples()))
def test_example_runs(example):
    example.globs = {"orrery": orrery, "np": np}
    said = []
    doctest.DocTestRunner(optionflags=FLAGS).run(example, out=said.append)
    assert not said, "".join(said)


def public_functions():
    for module in (orrery, orrery.stats):
        for name in module.__all__:
            if inspect.isfunction(getattr(module, name)):
                yield f"{module.__name__}.{name}"


@pytest.mark.parametrize("name", list(public_functions()))
def test_public_function_has_an_example(name):
    module, _, own = name.rpartition(".")
    assert ">>>" in inspect.getdoc(getattr(importlib.import_module(module), own))

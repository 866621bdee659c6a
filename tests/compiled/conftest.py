"""The compiled backend for all tests of this folder: compiled once, kept in pytest's cache."""

import pytest

from nnplay.compiled import Choice, choose


@pytest.fixture(scope="session")
def compiled() -> Choice:
    choice = choose("compiled", wait=True)
    assert choice.may_compile, choice.notice
    return choice

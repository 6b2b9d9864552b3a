"""Compiled programs are kept between runs of the command line, unless the user says otherwise."""

import os
import subprocess
import sys

import pytest

from equipoise.machine import programs

FOLDER = "JAX_COMPILATION_CACHE_DIR"
PROGRAM = """
from equipoise.machine.programs import keep_compiled_programs
keep_compiled_programs()
import jax
jax.jit(lambda x: 2 * x)(1.0)
"""


@pytest.fixture
def settings(monkeypatch, tmp_path):
    """The environment without settings of JAX's cache, and with a folder of one's own."""
    for name in ("JAX_COMPILATION_CACHE_MAX_SIZE", "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", FOLDER):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv(programs.VARIABLE, str(tmp_path))
    return monkeypatch


def test_the_next_process_finds_what_one_has_compiled(settings, tmp_path):
    def run():
        subprocess.run([sys.executable, "-c", PROGRAM], check=True, timeout=120)
        return {path.name for path in programs.program_folder().glob("*-cache")}

    first = run()
    assert first
    assert run() == first
    assert programs.program_folder().is_relative_to(tmp_path)
    assert str(tmp_path) in programs.programs_in_words()


def test_off_keeps_nothing(settings):
    settings.setenv(programs.VARIABLE, "off")
    programs.keep_compiled_programs()
    assert FOLDER not in os.environ
    assert programs.programs_in_words() == "not kept, since EQUIPOISE_CACHE=off"


def test_a_folder_set_for_jax_stays(settings):
    settings.setenv(FOLDER, "elsewhere")
    programs.keep_compiled_programs()
    assert os.environ[FOLDER] == "elsewhere"


def test_a_folder_that_cannot_be_made_is_left_out(settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.setenv(programs.VARIABLE, str(tmp_path / "file"))
    programs.keep_compiled_programs()
    assert FOLDER not in os.environ

"""LaTeX as a judge: whether there is one here, and whether it takes a text.

The least it needs (``texlive-pictures``) brings some 230 MB along, so ``make test`` does not install
it; where it is absent, the run says so.
"""

import functools
import shutil
import subprocess
from pathlib import Path

PROGRAMS = ("pdflatex", "xelatex", "lualatex")
# An installation can lack what it needs itself; such a one can judge nothing.
LEAST = "\\documentclass{article}\\usepackage{tikz,amsmath}\\begin{document}x\\end{document}\n"


@functools.cache
def latex_program() -> str | None:
    """The first program that compiles the least there is; None without any."""
    import tempfile

    for name in filter(shutil.which, PROGRAMS):
        with tempfile.TemporaryDirectory() as folder:
            if _run(name, LEAST, Path(folder), "least").returncode == 0:
                return name
    return None


def assert_compiles(text: str, folder: Path, name: str) -> None:
    """Compile a whole document where there is a LaTeX; the rest of a test judges it elsewhere.

    Nothing may be wider than the paper.
    """
    program = latex_program()
    if program is None:
        return
    done = _run(program, text, folder, name)
    log = (folder / f"{name}.log").read_text(errors="replace")
    faults = [line for line in log.splitlines() if line.startswith("!") or "Overfull" in line]
    assert done.returncode == 0, faults or log[-2000:]
    assert (folder / f"{name}.pdf").stat().st_size > 1000
    assert faults == []


def words_of(pdf: Path) -> list[str] | None:
    """The words a PDF shows; None where nothing can tell."""
    if not pdf.exists() or shutil.which("pdftotext") is None:
        return None
    done = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, timeout=60)
    return done.stdout.decode().split()


def _run(program: str, text: str, folder: Path, name: str) -> subprocess.CompletedProcess[bytes]:
    (folder / f"{name}.tex").write_text(text, encoding="utf-8")
    command = [program, "-interaction=nonstopmode", "-no-shell-escape", f"{name}.tex"]
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=120)

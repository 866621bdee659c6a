"""What a person gets from ``pip install``: the wheel, alone, in a clean environment."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
from pathlib import Path
import nnplay
from nnplay import assets
from nnplay.app import create_application, open_window
assert "site-packages" in nnplay.__file__, nnplay.__file__
assert assets.resource_folder().parent == Path(nnplay.__file__).parent
application = create_application(sys.argv[:1])
window = open_window()
window.show()
for _ in range(20):
    application.processEvents()
assert window.isVisible()
picture = window.grab()
assert picture.width() > 600, picture.width()
colours = {picture.toImage().pixel(x, y) for x in range(0, picture.width(), 37) for y in range(0, picture.height(), 31)}
assert len(colours) > 5, colours
window.session.shutdown()
print("started", nnplay.__version__)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


def test_every_resource_is_inside_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if name.startswith("nnplay/resources/")}
    expected = {
        f"nnplay/{path.relative_to(ROOT).as_posix()}"
        for path in (ROOT / "resources").rglob("*")
        if path.is_file()
    }
    assert expected
    assert inside == expected


def test_installed_wheel_starts_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    """The packages it needs come from this environment; nnplay itself only from the wheel."""
    clean = tmp_path / "clean"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", clean], check=True)
    site = next((clean / "lib").glob("python*")) / "site-packages"
    # An editable nnplay of this environment must not be found, so only its neighbours are linked.
    for package_folder in {Path(p) for p in sys.path if p.endswith("site-packages")}:
        for entry in package_folder.iterdir():
            if "nnplay" not in entry.name and entry.suffix != ".pth":
                target = site / entry.name
                if not target.exists():
                    target.symlink_to(entry)
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", site, wheel],
        check=True,
        capture_output=True,
    )
    python = clean / "bin" / "python"
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    result = subprocess.run(
        [python, "-c", PROGRAM], cwd=elsewhere, env=environment, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("started"), result.stdout + result.stderr
    assert result.stderr == ""

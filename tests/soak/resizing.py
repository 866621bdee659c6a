"""Makes a window every size a person might, one pixel after the other.

    python -m soak.resizing DATA FIRST LAST safe|careless

Prints every size before it is taken, so that whoever started it sees the one that was the last.
``careless`` is the negative control: margins beside scroll bars that give way a little later.
"""

import os
import sys
import tempfile
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["NNPLAY_BACKEND"] = "numpy"

from nnplay import app, new_document
from nnplay.gui.panels.form import ScrollColumn

WIDTHS = (1024, 1280, 1500, 1900)


def make_careless() -> None:
    made = ScrollColumn.__init__

    def make(area, *arguments, **options):
        made(area, *arguments, **options)

        def follow(least, most):
            bar = area.verticalScrollBar().sizeHint().width()
            right = area.column.gutter - (bar if most else 0)
            area.column.setContentsMargins(0, 0, max(0, right), 0)

        area.verticalScrollBar().rangeChanged.connect(follow)

    ScrollColumn.__init__ = make
    kind = type(ScrollColumn().column)
    kind._margin = lambda column, width: 0


def main(data: str, first: int, last: int, how: str) -> None:
    application = app.create_application(["nnplay"])
    if how == "careless":
        make_careless()
    with tempfile.TemporaryDirectory(prefix="nnplay-soak-") as folder:
        window = app.open_window(new_document(data)[0], state_folder=Path(folder))
        window.resize(WIDTHS[0], first)
        window.show()
        while not (window.is_finished and window.views.is_complete):
            application.processEvents()
        session = window.session
        for chosen in ([], session.network.topology.hidden_ids[:1]):
            session.select(chosen)
            for width in WIDTHS:
                for height in range(first, last):
                    print(width, height, flush=True)
                    window.resize(width, height)
                    application.processEvents()
        session.shutdown()
        print("done", flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])

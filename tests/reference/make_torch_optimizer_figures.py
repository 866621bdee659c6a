"""Records PyTorch's steps and rates: run as ``python tests/reference/make_torch_optimizer_figures.py``."""

from __future__ import annotations

import json
from pathlib import Path

import torch
import torch_optimizer_oracle as oracle

HERE = Path(__file__).parent


def main() -> None:
    figures = {
        "made_with": f"torch {torch.__version__}",
        "optimizers": [
            {
                objective: oracle.run(torch, name, settings, objective)
                for objective in oracle.OBJECTIVES
            }
            for name, settings in oracle.VARIANTS
        ],
        "schedules": [
            oracle.scheduled(torch, name, settings) for name, settings in oracle.SCHEDULES
        ],
        "warm_up": oracle.warmed_up(torch, 6),
    }
    place = HERE / "torch_optimizer_figures.json"
    place.write_text(json.dumps(figures, indent=None) + "\n")


if __name__ == "__main__":
    main()

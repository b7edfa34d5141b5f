"""The keeper of a held-out set in the secure zone: labels stay, answers leave, budgets hold.

In the order of use: `labels` (checked once, named by their digest), `slices` (which cases answer,
and which none answers before the end), `predictions` (read against the cases; faults and nothing
else), `scoring` (measures, their paired comparisons and intervals), `memory` (what was answered, on
the disk before it is told), `ladders` (what a submission is told; live standings from what was told
alone), `results` (the final slice, opened once), `keeping` (the board: submit, close).
"""

from ecluse.data.evaluation.boards.keeping import Board
from ecluse.data.evaluation.boards.labels import (
    Labels,
    labels_file,
    prepare_labels,
    read_labels,
)

__all__ = ["Board", "Labels", "labels_file", "prepare_labels", "read_labels"]

"""The only mutable owner: the open document, undo, the training run, evaluation."""

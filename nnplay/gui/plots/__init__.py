"""Loss, activations and the decision map."""

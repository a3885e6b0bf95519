"""What must still be true after the power returns: the log, the profiles it folds into, and the office's papers."""

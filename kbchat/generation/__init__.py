"""Writing answers from passages."""

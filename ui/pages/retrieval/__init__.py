"""The two halves of the retrieval test: a question tried, and the saved cases."""

"""Measuring retrieval and behaviour."""

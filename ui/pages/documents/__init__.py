"""The views of the page of knowledge bases: all bases, one base, one document."""

"""The views of the page of assistants: the list, one assistant's form, trying it."""

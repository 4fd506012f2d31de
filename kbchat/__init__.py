"""kbchat: answers from a hospital's own leaflets and guidelines, every sentence with its page."""

__version__ = "0.1.0"

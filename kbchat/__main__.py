"""``python -m kbchat``."""

from kbchat.cli import main

if __name__ == "__main__":
    main()

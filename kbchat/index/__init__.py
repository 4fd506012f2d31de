"""Search engines behind one seam (``protocol``); the embedded one is opened by ``opening.open_index``."""

"""From text to vectors: the seam (``protocol``), the models behind it, and the choice between them (``factory``)."""

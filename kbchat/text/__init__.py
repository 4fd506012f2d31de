"""Pure text: sentences, tokens, quantities, spans."""

"""Pure domain vocabulary: sections, drug names, lexicon, red flags, identifiers."""

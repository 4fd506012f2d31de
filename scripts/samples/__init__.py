"""What scripts/build_sample_kb.py is made of: the source markup and one writer for each file format."""

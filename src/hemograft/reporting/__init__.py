"""The report: figures, captions and one self-contained page."""

"""Make matplotlib's SVG fit for a page: own ids, the page's font, two decimals, title and description."""

from __future__ import annotations

import re
from html import escape

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def inline(text: str, identity: str, title: str, description: str) -> str:
    """Make matplotlib's SVG fit for a page: own ids, the page's font, two decimals, title and description."""
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="([^"]+)"', rf'id="{identity}-\1"', text)
    text = re.sub(r'(xlink:href="#|url\(#)', rf"\g<1>{identity}-", text)
    text = re.sub(r"'DejaVu Sans'[^;\"]*", FONT.replace('"', "'"), text)
    text = re.sub(
        r'\b(d|points|transform)="([^"]*)"',
        lambda m: f'{m[1]}="' + re.sub(r"-?\d+\.\d{3,}", lambda n: f"{float(n[0]):.2f}", m[2]) + '"',
        text,
    )
    box = re.search(r'viewBox="([^"]+)"', text)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'aria-labelledby="{identity}-title {identity}-desc" viewBox="{box[1] if box else "0 0 748 198"}">'
        f'<title id="{identity}-title">{escape(title)}</title>'
        f'<desc id="{identity}-desc">{escape(description)}</desc>'
    )
    return head + text[text.index(">") + 1 :].strip()

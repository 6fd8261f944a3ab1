"""A figure as one SVG element of a page: title and description for those who do not see it, the page's font."""

from __future__ import annotations

import re
from html import escape

from .style import FONT


def element(width: float, height: float, body: str, identity: str, title: str, description: str) -> str:
    """One SVG element of what is drawn on an area in points, on white."""
    head = _head(identity, title, description, f"0 0 {width:g} {height:g}", f' font-family="{FONT}"')
    return f'{head}<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>{body}</svg>'


def _head(identity: str, title: str, description: str, box: str, style: str = "") -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'aria-labelledby="{identity}-title {identity}-desc" viewBox="{box}"{style}>'
        f'<title id="{identity}-title">{escape(title)}</title>'
        f'<desc id="{identity}-desc">{escape(description)}</desc>'
    )


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
    head = _head(identity, title, description, box[1] if box else "0 0 748 198")
    return head + text[text.index(">") + 1 :].strip()

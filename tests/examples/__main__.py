"""Make the parts of the pages anew that are made: ``python -m tests.examples``."""

from __future__ import annotations

from .pages import ROOT, make_again, pages

for page in pages():
    if make_again(page):
        print(f"made again: {page.relative_to(ROOT)}")

"""What `padchat check` says of the configuration with mistakes in the documents."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from padchat_twisted.service import check

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "running.md"
HANDLERS = ROOT / "docs" / "examples" / "shop_bot.py"

#: Where the page has the configuration.
FOLDER = "/home/me/shop"


def checked() -> str:
    """Check the configuration with mistakes that the page shows."""
    found = re.search(r"```toml\n(.*?ulr.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None, f"{PAGE} has no configuration with mistakes"
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(HANDLERS, folder)
        file = Path(folder) / "padchat.toml"
        file.write_text(found[1])
        problems = check(file, {"PADCHAT_AUTH_KEY": "any-key"})
        text = "\n".join(map(str, problems))
    text = text.replace(f"{file}:", "padchat.toml:").replace(folder, FOLDER)
    return f"```text\n{text}\n```"

"""The two commands of twistd."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

from twisted.application.service import IServiceMaker
from twisted.plugin import IPlugin
from twisted.plugins import padchat_plugin
from twisted.python.usage import Options
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

ROOT = Path(__file__).parent.parent

_LIST_PLUGINS = """
import sys
from twisted.application.service import IServiceMaker
from twisted.plugin import getPlugins
print(*sorted(plugin.tapname for plugin in getPlugins(IServiceMaker)))
print(*sorted(name for name in sys.modules if name.startswith("padchat")))
"""


class PluginTests(SynchronousTestCase):
    """Both plugins are found and lead to what they promise."""

    def test_listing(self) -> None:
        """Twistd lists both commands, and listing them imports no code of ours."""
        ran = subprocess.run(
            [sys.executable, "-c", _LIST_PLUGINS],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(ran.returncode, 0, ran.stderr)
        plugins, modules = ran.stdout.split("\n")[:2]
        self.assertLessEqual({"padchat", "padchat-sandbox"}, set(plugins.split()))
        self.assertEqual(modules.split(), [])

    def test_interfaces(self) -> None:
        """Each plugin is what twistd looks for."""
        for maker in (padchat_plugin.padchat, padchat_plugin.padchat_sandbox):
            verifyObject(IPlugin, maker)
            verifyObject(IServiceMaker, maker)

    def test_modules(self) -> None:
        """The module that a plugin names has the options and makes the service."""
        for maker in (padchat_plugin.padchat, padchat_plugin.padchat_sandbox):
            module = importlib.import_module(maker.module)
            self.assertTrue(issubclass(module.Options, Options))
            self.assertTrue(callable(module.makeService))

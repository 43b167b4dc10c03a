"""A full disk, and a store that may not be written: a clear error, and nothing lost."""

from __future__ import annotations

import errno
import resource
import shutil
import subprocess
from pathlib import Path

from ..children import STDERR, Child
from .stage import Stage

#: Room on a disk of its own (bytes): a store with a full journal has some 5 MiB.
ROOM = 16 * 1024 * 1024

#: Largest file of a service whose disk counts as full (bytes); its journal is larger.
LITTLE = 4096

#: How often people write while the store cannot be written.
TIMES = 5

READ_ONLY = 0o400
WRITABLE = 0o600


class Disk:
    """The disk of a store, which can be full.

    Where mounting is possible it is a small file system of its own, and really full.
    Elsewhere the service may write no file beyond its first few bytes.

    Args:
        folder: where the store will be.
        may_mount: whether to try to mount one.

    Attributes:
        kind: which of both it is, in words.
    """

    def __init__(self, folder: Path, *, may_mount: bool) -> None:
        self._folder = folder
        self._ballast = folder / "ballast"
        self._is_mounted = may_mount and _mount(folder)
        self.kind = "a small tmpfs" if self._is_mounted else "RLIMIT_FSIZE"

    def fill(self, bot: Child) -> None:
        """Leave no room to a service."""
        if not self._is_mounted:
            _limit(bot, LITTLE)
            return
        if self._ballast.exists():
            return
        try:
            with self._ballast.open("wb", buffering=0) as ballast:
                while ballast.write(bytes(4096)):
                    pass
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise

    def free(self, bot: Child) -> None:
        """Make room again."""
        if self._is_mounted:
            self._ballast.unlink()
        else:
            _limit(bot, resource.RLIM_INFINITY)

    def unmount(self) -> None:
        """Leave nothing behind."""
        if self._is_mounted:
            subprocess.run(["umount", str(self._folder)], check=True)


async def fill_the_disk(stage: Stage, disk: Disk) -> str:
    """Fill the disk while messages flow, and again, with a kill and a start meanwhile.

    Returns:
        What the service said of it.
    """
    bot = await stage.begin()
    stage.say()
    await bot.when_says("done")
    disk.fill(bot)
    for _ in range(TIMES):
        stage.say()
    said = await bot.when_says("cannot be stored", STDERR)
    stage.say()
    disk.free(bot)
    await bot.when_says("is stored again", STDERR)

    disk.fill(bot)
    for _ in range(TIMES):
        stage.say()
    await bot.when_says("cannot be stored", STDERR)
    await stage.kill(bot)
    stage.say()

    bot = stage.start()
    await bot.when_says("opening")
    disk.fill(bot)
    if "no account was started" in await bot.when_says("#critical", STDERR):
        await bot.when_ended()
        disk.free(bot)
        bot = stage.start()
    else:
        disk.free(bot)
        await bot.when_says("is stored again", STDERR)
    await bot.when_says("ready")
    await stage.end(bot)
    return said.partition("] ")[2]


async def forbid_writing(stage: Stage) -> str:
    """Make the store read-only between two lives of the service.

    Returns:
        What the service said of it.
    """
    bot = await stage.begin()
    for _ in range(TIMES):
        stage.say()
    await bot.when_says("begin")
    await stage.kill(bot)
    stage.store.chmod(READ_ONLY)
    before = stage.store.read_bytes()
    stage.say()
    bot = stage.start()
    said = await bot.when_says("cannot be written", STDERR)
    status = await bot.when_ended()
    if status != 1:
        stage.figures.wrong.append(f"without a store a service ended with {status}")
    if stage.store.read_bytes() != before:
        stage.figures.wrong.append("a store that is read-only was changed")
    stage.figures.read(bot.lines())
    stage.store.chmod(WRITABLE)
    await stage.end()
    return said.partition("] ")[2]


def _mount(folder: Path) -> bool:
    if shutil.which("mount") is None:
        return False
    command = ("mount", "-t", "tmpfs", "-o", f"size={ROOM},mode=700", "tmpfs")
    return subprocess.run([*command, folder], capture_output=True).returncode == 0


def _limit(bot: Child, size: int) -> None:
    """Limit the files of a process that lives."""
    if (number := bot.number()) is not None:
        _, most = resource.prlimit(number, resource.RLIMIT_FSIZE)
        resource.prlimit(number, resource.RLIMIT_FSIZE, (size, most))

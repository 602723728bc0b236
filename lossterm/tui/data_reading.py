"""Reads a person's data files for dialogs, one at a time, and lists folders: in threads, for a disk may be slow."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from textual.message import Message

from ..supervisor.data_tool import CancelledError, DataTool
from ..supervisor.tools import ToolError
from .messages import (
    CancelReading,
    DataDescribed,
    DataPreviewed,
    DescribeData,
    FileRequest,
    FolderEntry,
    FolderListed,
    ListFolder,
    PreviewData,
    ReadingProgress,
)

ENDINGS = (".csv", ".tsv", ".txt", ".dat", ".gz", ".parquet", ".pq", ".npz")
"""How the names of data files end; others are offered by no list, but can be typed."""
_MOST_LOOKED_AT = 50_000
_MOST_LISTED = 2_000

Post = Callable[[Message], object]
FILE_REQUESTS = (ListFolder, PreviewData, DescribeData, CancelReading)


class DataReading:
    """Does what is asked last; what was being read before is given up."""

    def __init__(self, post: Post) -> None:
        """Hand answers to `post`, from another thread."""
        self._post = post
        self._tool: DataTool | None = None

    def do(self, request: FileRequest) -> None:
        """Do what is asked; returns at once."""
        if isinstance(request, ListFolder):
            _thread(lambda: self._post(list_folder(request.folder)))
            return
        self.cancel()
        if not isinstance(request, CancelReading):
            self._tool = tool = DataTool()
            _thread(lambda: self._read(tool, request))

    def cancel(self) -> None:
        """Give up what is being read; nothing more is said of it."""
        if self._tool is not None:
            self._tool.cancel()
            self._tool = None

    def _read(self, tool: DataTool, request: PreviewData | DescribeData) -> None:
        def say(words: str) -> None:
            self._post(ReadingProgress(request, words))

        try:
            if isinstance(request, PreviewData):
                self._post(DataPreviewed(request, tool.preview(Path(request.path), say)))
            else:
                file, report = tool.describe(request.name, Path(request.path), request.choices, say)
                self._post(DataDescribed(request, file, report))
        except (ToolError, OSError, ValueError) as error:
            words = str(error)
            if isinstance(request, PreviewData):
                self._post(DataPreviewed(request, None, words))
            else:
                self._post(DataDescribed(request, None, {}, words))
        except CancelledError:
            pass


def _thread(work: Callable[[], object]) -> None:
    threading.Thread(target=work, name="data-reading", daemon=True).start()


def list_folder(folder: str) -> FolderListed:
    """The folders and data files in a folder, by name; takes as long as the disk takes."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(_fitting(entries), key=lambda entry: (not entry.is_folder, entry.name.lower()))
    except (OSError, ValueError) as error:
        return FolderListed(folder, (), getattr(error, "strerror", None) or str(error))
    return FolderListed(folder, tuple(found[:_MOST_LISTED]))


def _fitting(entries: Iterator[os.DirEntry[str]]) -> Iterator[FolderEntry]:
    for entry in islice(entries, _MOST_LOOKED_AT):
        try:
            entry.name.encode()
            if entry.is_dir():
                yield FolderEntry(entry.name, True, 0)
            elif entry.name.lower().endswith(ENDINGS) and entry.is_file():
                yield FolderEntry(entry.name, False, entry.stat().st_size)
        except (OSError, UnicodeEncodeError):
            continue

"""A form of a browser, read as it comes: its fields, then the bytes of its file, which is the last that counts."""

from __future__ import annotations

from collections.abc import AsyncIterator

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from groundswell.server.s3.bodies import Body
from groundswell.server.s3.errors import S3Error

_MOST_FIELDS_BYTES = 20 << 10
_BAD = "The body of your POST request is not well-formed multipart/form-data."


class Form:
    """A form that is being sent; `fields` is whole once `file` begins."""

    def __init__(self, content_type: str, body: Body) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise S3Error("MalformedPOSTRequest", _BAD)
        self._body = body
        self.fields: dict[str, str] = {}  # by lower-case name
        self.filename = ""
        self._header = [b"", b""]
        self._name, self._value, self._size = "", b"", 0
        self._in_file, self._file_ended = False, False
        self._data: list[bytes] = []
        self._parser = MultipartParser(
            options[b"boundary"],
            {
                "on_part_begin": self._begin,
                "on_header_field": lambda data, start, end: self._add_header(0, data[start:end]),
                "on_header_value": lambda data, start, end: self._add_header(1, data[start:end]),
                "on_header_end": self._end_header,
                "on_headers_finished": self._begin_data,
                "on_part_data": lambda data, start, end: self._add(data[start:end]),
                "on_part_end": self._end,
            },
        )

    async def read_fields(self) -> None:
        """Up to where the file begins; raises S3Error where there is none."""
        while not self._in_file and not self._file_ended:
            if self._body.at_end:
                raise S3Error("InvalidArgument", "POST requires exactly one file upload per request.")
            await self._feed()

    async def file(self) -> AsyncIterator[bytes]:
        """The file's bytes as they come. Raises S3Error for a form that breaks off."""
        while True:
            found, self._data = self._data, []
            if found:
                yield b"".join(found)
            if self._file_ended:
                break
            if self._body.at_end:
                raise S3Error("MalformedPOSTRequest", _BAD)
            await self._feed()
        while not self._body.at_end:
            await self._body.piece()  # what is behind the file does not count

    async def _feed(self) -> None:
        try:
            self._parser.write(await self._body.piece())
        except FormParserError as error:
            raise S3Error("MalformedPOSTRequest", _BAD) from error

    def _begin(self) -> None:
        self._name, self._value, self._header = "", b"", [b"", b""]

    def _add_header(self, place: int, data: bytes) -> None:
        self._header[place] += data
        self._count(data)

    def _end_header(self) -> None:
        name, value = self._header
        self._header = [b"", b""]
        if name.lower() == b"content-disposition":
            _, options = parse_options_header(value)
            self._name = options.get(b"name", b"").decode("utf-8", "replace").lower()
            if self._name == "file" and not self._file_ended:
                self.filename = options.get(b"filename", b"").decode("utf-8", "replace")

    def _begin_data(self) -> None:
        self._in_file = self._name == "file" and not self._file_ended

    def _add(self, data: bytes) -> None:
        if self._in_file:
            self._data.append(data)
        elif not self._file_ended:
            self._count(data)
            self._value += data

    def _count(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > _MOST_FIELDS_BYTES and not self._file_ended:
            raise S3Error(
                "MaxPostPreDataLengthExceeded", "Your POST request fields preceding the upload file were too large."
            )

    def _end(self) -> None:
        if self._in_file:
            self._in_file, self._file_ended = False, True
        elif not self._file_ended and self._name:
            self.fields[self._name] = self._value.decode("utf-8", "replace")

"""A real SMTP server on this machine: it keeps what it takes, and refuses whom it is told to."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser


@dataclass
class Box:
    """What the server took, and its answers to recipients that it does not take."""

    port: int = 0
    refusals: dict[str, str] = field(default_factory=dict)
    taken: list[EmailMessage] = field(default_factory=list)
    is_silent_after_data: bool = False


class _Talk(socketserver.StreamRequestHandler):
    box: Box

    def handle(self) -> None:
        self.say("220 mail.test")
        for line in self.rfile:
            verb = line.split(maxsplit=1)[0].upper() if line.strip() else b""
            if not self.answer(verb, line.decode().strip()):
                return

    def answer(self, verb: bytes, line: str) -> bool:
        if verb == b"RCPT":
            address = line.partition("<")[2].partition(">")[0]
            self.say(self.box.refusals.get(address, "250 ok"))
        elif verb == b"DATA":
            return self.take()
        elif verb == b"QUIT":
            self.say("221 bye")
            return False
        else:
            self.say("250 mail.test")
        return True

    def take(self) -> bool:
        self.say("354 go on")
        lines = list(iter(self.rfile.readline, b".\r\n"))
        message = BytesParser(policy=policy.default).parsebytes(b"".join(lines))
        self.box.taken.append(message)
        if self.box.is_silent_after_data:
            return False
        self.say("250 taken")
        return True

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[Box]:
    """A server that runs while the test does."""
    box = Box()
    handler = type("Talk", (_Talk,), {"box": box})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield box
        server.shutdown()
        thread.join()

"""Which action obeys each kind of document that reaches the public site."""

from collections.abc import Mapping
from typing import Final

from ecluse.portal.catalogue import actions as catalogue
from ecluse.portal.extractions import actions as extractions
from ecluse.portal.mailbox import actions as mailbox
from ecluse.portal.mailbox.receivers import Receiver
from ecluse.portal.releases import actions as releases

HANDLERS: Final[Mapping[str, Receiver]] = {
    "KeyRotation": mailbox.receive_rotation,
    "SnapshotNotice": catalogue.receive_snapshot,
    "ExtractionReceipt": extractions.receive_receipt,
    "Refusal": extractions.receive_refusal,
    "Release": releases.receive_release,
}

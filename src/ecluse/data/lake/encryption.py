"""Parts encrypted at rest: Parquet modular encryption, each file's key wrapped by the lake's.

The format is the standard one (AES-256-GCM, encrypted footer, key material in the file), so other
engines read it with the same key. DuckDB is not one of them: it reads the rows through Arrow.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

from ecluse.data.engines import is_full
from ecluse.domain.errors import SnapshotDamaged
from ecluse.trust.zone.lake_keys import LakeKey

DATA_KEY_BITS: Final = 256
COMPRESSION: Final = "zstd"


class _Custody(pe.KmsClient):  # type: ignore[misc]  # pyarrow has no types
    """What Arrow asks to wrap and unwrap a file's key: it never sees the key of the lake."""

    def __init__(self, key: LakeKey) -> None:
        super().__init__()
        self.key = key

    def wrap_key(self, file_key: bytes, _key_id: str) -> str:
        return self.key.wrap(file_key)

    def unwrap_key(self, wrapped: str, _key_id: str) -> bytes:
        return self.key.unwrap(wrapped)


class Cipher:
    """Encrypts and decrypts Parquet files with the key of a lake."""

    def __init__(self, key: LakeKey) -> None:
        self.key = key
        self._factory = pe.CryptoFactory(lambda _config: _Custody(key))
        self._connection = pe.KmsConnectionConfig()
        self._decryption = pe.DecryptionConfiguration()

    def encryption(self) -> Any:
        """Return what a writer needs to encrypt one file, with a key of its own."""
        config = pe.EncryptionConfiguration(
            footer_key=self.key.key_id,
            uniform_encryption=True,
            double_wrapping=False,
            data_key_length_bits=DATA_KEY_BITS,
        )
        return self._factory.file_encryption_properties(self._connection, config)

    def decryption(self) -> Any:
        """Return what a reader needs to decrypt any file of this key."""
        return self._factory.file_decryption_properties(self._connection, self._decryption)

    def dataset(self, files: Sequence[Path], schema: pa.Schema) -> ds.Dataset:
        """Return the rows of encrypted files; a column that a file lacks is NULL there."""
        config = ds.ParquetDecryptionConfig(self._factory, self._connection, self._decryption)
        options = ds.ParquetFragmentScanOptions(decryption_config=config)
        format_ = ds.ParquetFileFormat(default_fragment_scan_options=options)
        return ds.dataset([str(file) for file in files], format=format_, schema=schema)


def write_again(source: Path, target: Path, *, opens: Cipher | None, seals: Cipher | None) -> None:
    """Write the Parquet file `source` as `target`, under another key or none.

    Raises:
        SnapshotDamaged: the source cannot be read.
    """
    with (
        _readable(source),
        pq.ParquetFile(source, decryption_properties=opens and opens.decryption()) as former,
        pq.ParquetWriter(
            target,
            former.schema_arrow,
            compression=COMPRESSION,
            encryption_properties=seals and seals.encryption(),
        ) as writer,
    ):
        # Group by group: memory is bounded, and the statistics that skip groups stay as fine.
        for group in range(former.num_row_groups):
            writer.write_table(former.read_row_group(group))


def metadata_of(file: Path, cipher: Cipher | None) -> Any:
    """Return what the footer of a part says. Raises SnapshotDamaged when it cannot be read."""
    with _readable(file):
        return pq.read_metadata(file, decryption_properties=cipher and cipher.decryption())


def schema_of(file: Path, cipher: Cipher | None) -> pa.Schema:
    """Return the columns of a part. Raises SnapshotDamaged when they cannot be read."""
    with _readable(file):
        return pq.read_schema(file, decryption_properties=cipher and cipher.decryption())


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        if is_full(error):
            raise
        raise SnapshotDamaged(
            f"{file.name} cannot be read as a Parquet file: verify the snapshot."
        ) from None

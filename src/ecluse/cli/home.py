"""Where everything of one installation lives: the folder `ECLUSE_HOME` and its configuration."""

import hashlib
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from ecluse.domain.errors import InvalidInput

OPEN_TO_TRAVERSE = 0o711
PRIVATE = 0o700
SYSTEM_STATE = Path("/var/lib/ecluse")


@dataclass(frozen=True, slots=True)
class Config:
    """What is drawn at random once per installation and kept in `config.json`."""

    demo_password: str
    public_secret_key: str
    checking_secret_key: str

    @classmethod
    def draw(cls) -> "Config":
        """Return new secrets: a password that can be typed, and a Django key for each site."""
        return cls(
            demo_password="-".join(secrets.token_hex(2) for _ in range(4)),
            public_secret_key=secrets.token_urlsafe(50),
            checking_secret_key=secrets.token_urlsafe(50),
        )


@dataclass(frozen=True, slots=True)
class Home:
    """Every path of `ECLUSE_HOME`. The three rooms hold nothing of one another."""

    path: Path

    @classmethod
    def find(cls) -> "Home":
        """Return the home named by `ECLUSE_HOME`, or the default one of this project folder.

        As root the default is `/var/lib/ecluse/<8 hex of the project path>`: sandboxed jobs and
        PostgreSQL run as other users, who cannot traverse a private project folder.
        """
        chosen = os.environ.get("ECLUSE_HOME")
        if chosen:
            return cls(Path(chosen).expanduser().absolute())
        project = project_folder()
        if os.geteuid() != 0:
            return cls(project / ".ecluse")
        return cls(SYSTEM_STATE / hashlib.sha256(bytes(project)).hexdigest()[:8])

    @property
    def config_file(self) -> Path:
        """Secrets of this installation."""
        return self.path / "config.json"

    @property
    def postgres(self) -> Path:
        """The private PostgreSQL cluster."""
        return self.path / "postgres"

    @property
    def logs(self) -> Path:
        """One log file per program of the demonstration."""
        return self.path / "logs"

    @property
    def run(self) -> Path:
        """Pid files."""
        return self.path / "run"

    @property
    def portal(self) -> Path:
        """The public site's room."""
        return self.path / "portal"

    @property
    def checking(self) -> Path:
        """The checking room's room."""
        return self.path / "checking"

    @property
    def zone(self) -> Path:
        """The secure zone's room: the only one that holds rows about persons."""
        return self.path / "zone"

    @property
    def lake(self) -> Path:
        """The lake of the secure zone."""
        return self.zone / "lake"

    def keys(self, room: Path) -> Path:
        """Return the folder of private keys of `room`."""
        return room / "keys"

    def keyring(self, room: Path) -> Path:
        """Return the file of public keys that `room` believes."""
        return room / "keyring.json"

    def create(self) -> None:
        """Make the folders: traversable by other users at the top, private inside each room."""
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(OPEN_TO_TRAVERSE)
        if self.path.parent == SYSTEM_STATE:
            SYSTEM_STATE.chmod(OPEN_TO_TRAVERSE)
        self.zone.mkdir(exist_ok=True)
        self.zone.chmod(OPEN_TO_TRAVERSE)
        private = (self.portal, self.checking, self.logs, self.run, self.keys(self.zone), self.lake)
        for folder in private:
            folder.mkdir(exist_ok=True)
            folder.chmod(PRIVATE)
        for room in (self.portal, self.checking):
            self.keys(room).mkdir(exist_ok=True, mode=PRIVATE)

    def config(self) -> Config:
        """Return the configuration, drawn and written at the first call. Raises InvalidInput."""
        if not self.config_file.exists():
            self._write(Config.draw())
        try:
            return Config(**json.loads(self.config_file.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise InvalidInput(
                f"{self.config_file} n'est pas lisible ({type(error).__name__}) : supprimez ce "
                "fichier, un nouveau sera tiré au sort (les mots de passe changeront)."
            ) from error

    def _write(self, config: Config) -> None:
        """Write the secrets atomically, readable by the owner alone."""
        self.path.mkdir(parents=True, exist_ok=True)
        new = self.config_file.with_suffix(f".new-{os.getpid()}")
        new.touch(mode=0o600)
        new.write_text(json.dumps(asdict(config), indent=2) + "\n", encoding="utf-8")
        new.replace(self.config_file)


def project_folder() -> Path:
    """Return the checkout that this code runs from, or the current folder when installed."""
    checkout = Path(__file__).resolve().parents[3]
    return checkout if (checkout / "pyproject.toml").is_file() else Path.cwd()

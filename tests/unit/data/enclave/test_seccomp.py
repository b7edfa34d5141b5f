"""The filter, run by a small interpreter of the kernel's instructions."""

import errno
import struct

import pytest

from ecluse.data.enclave import seccomp
from ecluse.domain.errors import SandboxUnavailable

ALLOW = 0x7FFF0000
REFUSE = 0x00050000
KILL = 0x80000000
X86_64 = 0xC000003E


def outcome(
    number: int, *arguments: int, machine: str = "x86_64", architecture: int = X86_64
) -> int:
    """What the filter answers to one call."""
    padded = (*arguments, *(0,) * (6 - len(arguments)))
    call = struct.pack("<IIQ6Q", number, architecture, 0, *padded)
    steps = list(struct.iter_unpack("<HBBI", seccomp.program(machine)))
    place, value = 0, 0
    while True:
        code, yes, no, operand = steps[place]
        place += 1
        if code == 0x06:
            return operand
        if code == 0x20:
            value = struct.unpack_from("<I", call, operand)[0]
        elif code == 0x54:
            value &= operand
        else:
            test = {
                0x15: value == operand,
                0x35: value >= operand,
                0x45: bool(value & operand),
            }[code]
            place += yes if test else no


@pytest.mark.parametrize("number", [0, 1, 9, 59, 202, 257])
def test_ordinary_calls_pass(number: int) -> None:
    assert outcome(number) == ALLOW


@pytest.mark.parametrize("number", [101, 165, 250, 272, 308, 310, 321, 323, 425])
def test_calls_to_the_kernels_machinery_are_refused(number: int) -> None:
    assert outcome(number) == REFUSE | errno.EPERM


def test_only_unix_sockets_are_made() -> None:
    assert outcome(41, 1) == ALLOW
    assert outcome(41, 2) == REFUSE | errno.EAFNOSUPPORT
    assert outcome(41, 16) == REFUSE | errno.EAFNOSUPPORT
    assert outcome(53, 1) == ALLOW
    assert outcome(53, 40) == REFUSE | errno.EAFNOSUPPORT


def test_processes_and_threads_are_made_but_no_namespace() -> None:
    assert outcome(56, 0x003D0F00) == ALLOW  # a thread, as the C library makes it
    assert outcome(56, 0x10000000 | 17) == REFUSE | errno.EPERM
    assert outcome(435) == REFUSE | errno.ENOSYS


def test_pipes_and_files_are_made_but_no_device() -> None:
    assert outcome(133, 0, 0o010600) == ALLOW
    assert outcome(133, 0, 0o020600) == REFUSE | errno.EPERM
    assert outcome(259, 0, 0, 0o060600) == REFUSE | errno.EPERM


def test_no_character_is_pushed_into_a_terminal() -> None:
    assert outcome(16, 0, 0x5401) == ALLOW
    assert outcome(16, 0, 0x5412) == REFUSE | errno.EPERM
    assert outcome(16, 0, 0x541C) == REFUSE | errno.EPERM


def test_other_doors_into_the_kernel_are_closed() -> None:
    assert outcome(1, architecture=0x40000003) == KILL  # 32 bits
    assert outcome(0x40000000 | 1) == REFUSE | errno.ENOSYS  # x32


def test_arm_machines_have_their_own_numbers() -> None:
    arm = 0xC00000B7

    assert outcome(40, machine="aarch64", architecture=arm) == REFUSE | errno.EPERM
    assert outcome(198, 2, machine="aarch64", architecture=arm) == REFUSE | errno.EAFNOSUPPORT
    assert outcome(220, 17, machine="aarch64", architecture=arm) == ALLOW


def test_an_unknown_machine_runs_no_job() -> None:
    with pytest.raises(SandboxUnavailable, match="No system-call filter for riscv64"):
        seccomp.program("riscv64")

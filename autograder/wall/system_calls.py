"""List the system calls that a worker may use, for Linux to refuse all others (seccomp).

A second line behind namespaces and limits. What is not in the list fails with ENOSYS, as in a
Linux that does not have it, so that libraries do without. Calls of another ABI, such as those of
32-bit programs, end the process.
"""

from __future__ import annotations

import errno
import functools
import importlib
import tempfile
from typing import Any

__all__ = ["REFUSED", "allow_listed", "resolve"]

# Enough for Python, NumPy, Matplotlib, threads, pipes and child processes. Names that a machine
# does not have are left out. Of what these calls make, Linux counts by user only processes, pipes
# and descriptors that epoll watches; limits keep two workers far below what a user may have.
ALLOWED = """
    access alarm arch_prctl brk capget chdir chmod chown clock_getres clock_gettime
    clock_nanosleep close close_range copy_file_range creat dup dup2 dup3 epoll_create
    epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 execve execveat
    exit exit_group faccessat faccessat2 fallocate fchdir fchmod fchmodat fchmodat2 fchown
    fchownat fdatasync fgetxattr flistxattr fork fremovexattr fsetxattr fstat fstatfs fsync
    ftruncate futex futex_waitv futimesat get_robust_list getcpu getcwd getdents getdents64
    getegid geteuid getgid getgroups getitimer getpeername getpgid getpgrp getpid getppid
    getpriority getrandom getresgid getresuid getrlimit getrusage getsid getsockname gettid
    gettimeofday getuid getxattr kill lchown lgetxattr link linkat listxattr llistxattr
    lremovexattr lseek lsetxattr lstat mkdir mkdirat mknod mknodat mprotect mremap msync munmap
    nanosleep newfstatat open openat openat2 pause pidfd_open pidfd_send_signal pipe pipe2 poll
    ppoll pread64 preadv pselect6 pwrite64 pwritev read readlink readlinkat readv recvfrom
    removexattr rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending
    rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigtimedwait sched_get_priority_max
    sched_get_priority_min sched_getaffinity sched_getparam sched_getscheduler sched_yield
    select sendfile set_robust_list set_tid_address setitimer setpgid setpriority
    setrlimit setsid setxattr shutdown sigaltstack stat statfs statx symlink symlinkat sysinfo
    tgkill time times tkill truncate umask uname unlink unlinkat utime utimensat utimes vfork
    wait4 waitid write writev
"""

CLONE_NEW = 0x7E02_0000  # all kinds of namespaces
AF_UNIX = 1
MAP_HUGETLB = 0x40000  # from pages that the whole machine shares
# Call -> index of the argument that decides, a mask or None, and the values that are allowed.
# A pair of sockets is connected: none can be made that reaches another process by its name, and
# without sendmsg none can carry file descriptors, which Linux counts per user.
BY_ARGUMENT: dict[str, tuple[int, int | None, list[int]]] = {
    "clone": (0, CLONE_NEW, [0]),  # glibc uses it where there is no clone3
    "mmap": (3, MAP_HUGETLB, [0]),
    "socketpair": (0, None, [AF_UNIX]),
    "sendto": (4, None, [0]),  # to no address
    "prlimit64": (0, None, [0]),  # of this process
    # Death of the parent, dumps, name, filter, orphans, privileges; above all no merging of its
    # memory with that of other workers.
    "prctl": (0, None, [1, 2, 3, 4, 15, 16, 22, 36, 38, 39]),
    # Duplicates and flags; no locks, leases or notices of files that other workers see.
    "fcntl": (1, None, [0, 1, 2, 3, 4, 1030, 1032]),
    # Terminal or not, its size, bytes waiting, blocking and closing.
    "ioctl": (1, None, [0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451, 0x802C542A]),
    # Advice for memory of this process, not for the cache of files.
    "madvise": (2, None, [0, 1, 2, 4, 8, 10, 11, 14, 15, 16, 17, 18, 19, 102, 103]),
}
# A sample of what is not in the list; probing tries these.
REFUSED = """
    add_key bpf cachestat clone3 fadvise64 fanotify_init flock getsockopt inotify_init1 io_setup
    io_uring_setup keyctl memfd_create memfd_secret mincore mount mq_open name_to_handle_at
    open_by_handle_at perf_event_open personality pidfd_getfd preadv2 process_vm_readv ptrace
    quotactl readahead semget sendmsg setns shmget socket sync_file_range tee unshare
    userfaultfd vmsplice
"""
NUMBERS = {"cachestat": 451, "memfd_secret": 447}  # where libseccomp is older than these


@functools.cache
def allow_listed() -> bytes:
    """Return the program that lets Linux refuse all calls that are not listed.

    Raises
    ------
    OSError
        libseccomp is not installed.
    """
    library = _load_library()
    refusing = library.SyscallFilter(library.ERRNO(errno.ENOSYS))
    refusing.set_attr(library.Attr.ACT_BADARCH, library.KILL_PROCESS)
    for name in ALLOWED.split():
        if (number := resolve(name)) is not None:
            refusing.add_rule(library.ALLOW, number)
    for name, (index, mask, values) in BY_ARGUMENT.items():
        for value in values:
            if mask is None:
                condition = library.Arg(index, library.EQ, value)
            else:
                condition = library.Arg(index, library.MASKED_EQ, mask, value)
            refusing.add_rule(library.ALLOW, resolve(name), condition)
    with tempfile.TemporaryFile() as file:
        refusing.export_bpf(file)
        file.seek(0)
        return file.read()


def resolve(name: str) -> int | None:
    """Return the number of a system call on this machine, None if it has none."""
    library = _load_library()
    number = int(library.resolve_syscall(library.Arch.NATIVE, name))
    return number if number >= 0 else NUMBERS.get(name)


def _load_library() -> Any:
    try:
        return importlib.import_module("pyseccomp")
    except (ImportError, RuntimeError):  # the package, or the system's library
        raise OSError(
            "libseccomp is missing: apt-get install libseccomp2, and pip install pyseccomp"
        ) from None

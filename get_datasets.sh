#!/usr/bin/env bash
# Fetch CIFAR-10 into datasets/. `./get_datasets.sh --help` explains everything.
# Written for bash 3.2 (macOS), curl, tar and whichever SHA-256 tool is there.
set -euf

print_help() {
  cat <<'HELP'
usage: ./get_datasets.sh [--python] [--from-file ARCHIVE]

Fetches CIFAR-10 (60,000 colour pictures of 32 x 32 pixels in ten classes, by Alex Krizhevsky,
Vinod Nair and Geoffrey Hinton) and unpacks it into datasets/. The lessons do not need it: they run
on the data sets that are included, fashion and earth. Load it with data.load("cifar10").

  (no option)          the binary archive, 170 MB, unpacked 184 MB: plain bytes, no pickle
  --python             the python archive instead, 170 MB, unpacked 186 MB
  --from-file ARCHIVE  unpack an archive that you fetched elsewhere; nothing is downloaded
  --help               this text

Run it again whenever you like. What is there already is not fetched again, and a download that
was cut off goes on where it stopped. Nothing is unpacked before its SHA-256 is the known one; the
data appear in datasets/ complete or not at all, and the archive is deleted after that.

CIFAR10_MIRRORS      folders to fetch from instead of the built-in ones, in this order, separated by
                     spaces: https only (plain http from 127.0.0.1, for the tests). The archive
                     must be the same one, so a mirror need not be trusted.

exit code  0  the data are in datasets/
           1  something here is in the way: the message says what
           2  wrong usage
           3  offline: no mirror could be reached
           4  a mirror answered, but the archive did not arrive whole; what came is kept
           5  not the archive that it should be; nothing was unpacked
           6  too little free disk space
           7  another run of this script is at work
         130  interrupted; what came is kept
HELP
}

# Sizes as published on https://www.cs.toronto.edu/~kriz/cifar.html, with the md5 sums
# c32a1d4ab5d03f1284b67883e8d87530 (binary) and c58f30108f718f92721af3b95e74349a (python). SHA-256 is
# checked instead: md5 no longer proves anything about a file from a stranger's mirror.
describe_binary() {
  archive=cifar-10-binary.tar.gz
  bytes=170052171
  sha256=c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd
  mirrors="https://www.cs.toronto.edu/~kriz
    https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets"
  folder=cifar-10-batches-bin
  members="batches.meta.txt:61 data_batch_1.bin:30730000 data_batch_2.bin:30730000
    data_batch_3.bin:30730000 data_batch_4.bin:30730000 data_batch_5.bin:30730000
    test_batch.bin:30730000"
}

describe_python() {
  archive=cifar-10-python.tar.gz
  bytes=170498071
  sha256=6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce
  mirrors="https://www.cs.toronto.edu/~kriz
    https://dataset.bj.bcebos.com/cifar"
  folder=cifar-10-batches-py
  members="batches.meta:158 data_batch_1:31035704 data_batch_2:31035320 data_batch_3:31035999
    data_batch_4:31035696 data_batch_5:31035623 test_batch:31035526"
}

fail() { # exit code, message
  echo "get_datasets.sh: $2" >&2
  exit "$1"
}

size_of() { # bytes in a file; 0 when it is not there
  if [ -f "$1" ]; then echo $(($(wc -c <"$1"))); else echo 0; fi
}

is_genuine() { # archive
  [ "$(size_of "$1")" -eq "$bytes" ] &&
    [ "$("${sha256_tool[@]}" <"$1" | grep -Eo '[0-9a-f]{64}')" = "$sha256" ]
}

choose_sha256_tool() {
  if command -v sha256sum; then
    sha256_tool=(sha256sum)
  elif command -v shasum; then
    sha256_tool=(shasum -a 256)
  elif command -v openssl; then
    sha256_tool=(openssl dgst -sha256)
  else
    fail 1 "no tool for SHA-256 is installed: install sha256sum, shasum or openssl"
  fi >/dev/null
}

find_fault() { # folder: names the first file that is missing or of the wrong size
  local member
  for member in $members; do
    if [ "$(size_of "$1/${member%:*}")" -ne "${member#*:}" ]; then
      echo "${member%:*} has $(size_of "$1/${member%:*}") bytes instead of ${member#*:}"
      return
    fi
  done
}

stop_if_there() {
  local fault
  [ -e "$datasets/$folder" ] || return 0
  fault=$(find_fault "$datasets/$folder")
  [ -z "$fault" ] ||
    fail 1 "datasets/$folder is damaged ($fault): move it away and run this again"
  echo "CIFAR-10 is already there: datasets/$folder"
  exit 0
}

# The lock is a file that names its owner. A hard link makes it appear together with its content, so
# that no other run ever reads half a lock.
take_lock() {
  local owner
  echo "$$ $(uname -n)" >"$lock.$$"
  trap 'rm -f "$lock.$$"' EXIT
  if ! ln "$lock.$$" "$lock" 2>/dev/null; then
    owner=$(cat "$lock" 2>/dev/null || true)
    if is_running "$owner"; then
      fail 7 "process ${owner% *} on ${owner#* } is fetching $archive already: wait for it (if that \
is no get_datasets.sh, delete datasets/${lock##*/})"
    fi
    echo "removing the lock of process ${owner% *}, which has ended"
    rm -f "$lock"
    ln "$lock.$$" "$lock" 2>/dev/null || fail 7 "another run has just begun to fetch $archive"
  fi
  rm -f "$lock.$$"
  trap clean_up EXIT
  trap interrupt INT TERM HUP
}

is_running() { # "pid host"; of another host's processes nothing is known, so they count as running
  [ "${1#* }" != "$(uname -n)" ] || kill -0 "${1% *}" 2>/dev/null || ps -p "${1% *}" >/dev/null 2>&1
}

clean_up() {
  rm -rf "$unpacking" "$lock"
}

interrupt() {
  fail 130 "interrupted; what was fetched is kept, run this again to go on"
}

check_space() { # bytes that will be written
  local free
  # Free KiB stand before the column "Capacity"; counted from there because names may hold spaces.
  free=$(df -Pk "$datasets" | sed -n 's/.* \([0-9][0-9]*\)  *[0-9][0-9]*%.*/\1/p')
  # Where df gives no figure we go on: curl and tar notice a full disk too, only later.
  [ "${free:-$1}" -gt $(($1 / 1024)) ] ||
    fail 6 "datasets/ has $free KiB free, $(($1 / 1024)) are needed: make room and run this again"
}

check_mirrors() {
  local url allowed='^(https://|http://127\.0\.0\.1(:[0-9]+)?(/|$))'
  for url in $mirrors; do
    [[ $url =~ $allowed ]] || fail 2 "CIFAR10_MIRRORS: '$url' is refused, it must begin with https://"
  done
}

request() { # url; sets status (curl's) and answer (the HTTP code, 000 when nobody answered)
  local scheme=${1%%:*} meter=--silent
  [ ! -t 2 ] || meter=--progress-bar
  status=0
  # No limit on the whole time, for slow lines; but a minute below 1 kB/s is a stall.
  answer=$(curl "$meter" --fail --location --proto "=$scheme" --proto-redir =https \
    --connect-timeout 20 --speed-limit 1000 --speed-time 60 \
    --continue-at - --output "$part" --write-out '%{http_code}' "$1") || status=$?
}

fetch_from() { # url; succeeds when $part is the archive
  local kept
  for _ in 1 2 3 4 5; do
    kept=$(size_of "$part")
    request "$1"
    [ "$answer" = 000 ] || [ "$outcome" -eq 5 ] || outcome=4
    case $status in
      0)
        is_genuine "$part" && return 0
        rm -f "$part"
        outcome=5
        [ "$kept" -gt 0 ] || return 1 ;; # else what was kept may be to blame: once more from byte 0
      23) fail 1 "cannot write datasets/${part##*/}: is the disk full?" ;;
      33) rm -f "$part" ;;                             # this server cannot resume: from byte 0
      *) [ "$(size_of "$part")" -gt "$kept" ] || return 1 ;; # cut off: go on from there
    esac
  done
  return 1
}

download() {
  local mirror tried=""
  outcome=3
  command -v curl >/dev/null || fail 1 "curl is missing: install it, or use --from-file"
  if [ "$(size_of "$part")" -ge "$bytes" ]; then # interrupted between download and unpacking?
    is_genuine "$part" && return 0
    rm -f "$part"
  fi
  for mirror in $mirrors; do
    echo "fetching $archive ($((bytes / 1000000)) MB) from $mirror"
    fetch_from "${mirror%/}/$archive" && return 0
    tried="$tried${tried:+, }$mirror (curl $status, HTTP $answer)"
  done
  case $outcome in
    3) fail 3 "offline? No mirror can be reached. The lessons run without it, on the included data \
sets fashion and earth; or fetch https://www.cs.toronto.edu/~kriz/$archive elsewhere and run \
./get_datasets.sh --from-file PATH. Tried: $tried" ;;
    4) fail 4 "$archive did not arrive whole; $(size_of "$part") of $bytes bytes are kept, run this \
again to go on. Tried: $tried" ;;
    5) fail 5 "what arrived is not $archive (size or SHA-256 differs) and was deleted: run this \
again later, or use --from-file. Tried: $tried" ;;
  esac
}

# tar, not Python's tarfile: a listing shows every type and name before anything is written, and tar
# then writes only the files that are asked for, by name.
unpack() { # archive
  local listing refused fault name names=()
  listing=$(LC_ALL=C tar -tvzf - <"$1" 2>/dev/null) || fail 5 "$1 is no archive that tar can read"
  refused=$(grep -Em1 '^[^d-]|[ /]\.\.(/|$)| /' <<<"$listing" || true)
  [ -z "$refused" ] ||
    fail 5 "$1 holds a link or a path outside its folder, nothing was unpacked: $refused"
  for name in $members; do names+=("$folder/${name%:*}"); done
  echo "unpacking into datasets/$folder"
  rm -rf "$unpacking"
  mkdir "$unpacking"
  tar -xzof - -C "$unpacking" "${names[@]}" <"$1" || fail 1 "cannot unpack $1 (tar says why above)"
  fault=$(find_fault "$unpacking/$folder")
  [ -z "$fault" ] || fail 5 "$1: $fault; nothing was unpacked"
  mv "$unpacking/$folder" "$datasets/"
}

describe_binary
from_file=""
while [ $# -gt 0 ]; do
  case $1 in
    --python) describe_python ;;
    --from-file)
      [ -f "${2:-}" ] || fail 2 "--from-file: '${2:-}' is not a file"
      from_file=$2
      shift ;;
    -h | --help) print_help && exit 0 ;;
    *) fail 2 "unknown option '$1', see ./get_datasets.sh --help" ;;
  esac
  shift
done
mirrors=${CIFAR10_MIRRORS:-$mirrors}
check_mirrors
choose_sha256_tool

datasets=$(CDPATH='' cd -- "$(dirname "$0")" && pwd)/datasets
part=$datasets/$archive.part
lock=$datasets/$archive.lock
unpacking=$datasets/$archive.unpacking
unpacked=0
for member in $members; do unpacked=$((unpacked + ${member#*:})); done

mkdir -p "$datasets"
stop_if_there
take_lock
stop_if_there # another run may have finished just now
if [ -n "$from_file" ]; then
  is_genuine "$from_file" || fail 5 "$from_file is not $archive: $(size_of "$from_file") bytes, it \
should have $bytes, and SHA-256 $sha256"
  check_space "$unpacked"
  unpack "$from_file"
else
  check_space $((bytes - $(size_of "$part") + unpacked))
  download
  unpack "$part"
  rm -f "$part"
fi
echo "CIFAR-10 is there: datasets/$folder"

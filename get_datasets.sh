#!/usr/bin/env bash
# Fetch CIFAR-10 into datasets/; see `./get_datasets.sh --help`.
# Needs bash 3.2 (as on macOS) or newer, curl, tar and a SHA-256 tool.
set -euf

print_help() {
  cat <<'HELP'
usage: ./get_datasets.sh [--python] [--from-file ARCHIVE]

Fetches CIFAR-10 (60,000 colour pictures of 32 x 32 pixels in ten classes, by Alex Krizhevsky,
Vinod Nair and Geoffrey Hinton) and unpacks it into datasets/. The lessons do not need it: they run
on the included data sets, fashion and earth. Load it with data.load("cifar10").

  (no option)          fetch the binary archive, 170 MB, unpacked 184 MB: plain bytes, no pickle
  --python             fetch the python archive instead, 170 MB, unpacked 186 MB
  --from-file ARCHIVE  unpack an archive that you fetched elsewhere; download nothing
  --help               print this text

You can run it again at any time: it does not fetch the data twice, and it resumes an interrupted
download. It checks the archive's SHA-256 before it unpacks, and deletes the archive afterwards.
The data appear in datasets/ complete or not at all.

CIFAR10_MIRRORS      URLs of folders to fetch from instead of the built-in ones, in this order,
                     separated by spaces: https only (http from 127.0.0.1, for the tests). The
                     SHA-256 must be the same, so you need not trust a mirror.

exit code  0  the data are in datasets/
           1  another problem on this computer: the message says which
           2  wrong usage
           3  offline: no mirror could be reached
           4  a mirror answered, but the download is incomplete; its first part is kept
           5  a wrong archive; nothing was unpacked
           6  too little free disk space
           7  another run of this script is active
         130  interrupted; the first part of the download is kept
HELP
}

# https://www.cs.toronto.edu/~kriz/cifar.html publishes the sizes and the md5 sums
# c32a1d4ab5d03f1284b67883e8d87530 (binary) and c58f30108f718f92721af3b95e74349a (python). We check
# SHA-256 instead: md5 does not protect against a forged file on a mirror.
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

size_of() { # bytes in a file; 0 if it is missing
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

find_fault() { # folder; prints the first file that is missing or has a wrong size
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

# The lock is a file that names its owner. It is created as a hard link to a complete file, so that
# no other run reads an incomplete lock.
take_lock() {
  local owner
  echo "$$ $(uname -n)" >"$lock.$$"
  trap 'rm -f "$lock.$$"' EXIT
  if ! ln "$lock.$$" "$lock" 2>/dev/null; then
    owner=$(cat "$lock" 2>/dev/null || true)
    if is_running "$owner"; then
      fail 7 "process ${owner% *} on ${owner#* } is already fetching $archive: wait for it (if that \
is not get_datasets.sh, delete datasets/${lock##*/})"
    fi
    echo "removing the lock of process ${owner% *}, which has ended"
    rm -f "$lock"
    ln "$lock.$$" "$lock" 2>/dev/null || fail 7 "another run has just begun to fetch $archive"
  fi
  rm -f "$lock.$$"
  trap clean_up EXIT
  trap interrupt INT TERM HUP
}

is_running() { # "pid host"; processes on another host count as running
  [ "${1#* }" != "$(uname -n)" ] || kill -0 "${1% *}" 2>/dev/null || ps -p "${1% *}" >/dev/null 2>&1
}

clean_up() {
  rm -rf "$unpacking" "$lock"
}

interrupt() {
  fail 130 "interrupted; the first part of the download is kept, run this again to resume"
}

check_space() { # bytes that will be written
  local free
  # The free KiB are in the column before "Capacity"; columns before that may hold spaces.
  free=$(df -Pk "$datasets" | sed -n 's/.* \([0-9][0-9]*\)  *[0-9][0-9]*%.*/\1/p')
  # If df prints no number, go on: curl and tar also notice a full disk, only later.
  [ "${free:-$1}" -gt $(($1 / 1024)) ] ||
    fail 6 "datasets/ has $free KiB free, $(($1 / 1024)) are needed: make room and run this again"
}

check_mirrors() {
  local url allowed='^(https://|http://127\.0\.0\.1(:[0-9]+)?(/|$))'
  for url in $mirrors; do
    [[ $url =~ $allowed ]] || fail 2 "CIFAR10_MIRRORS: '$url' is refused, it must begin with https://"
  done
}

request() { # url; sets status (curl's) and answer (the HTTP code, 000 if there is no answer)
  local scheme=${1%%:*} meter=--silent
  [ ! -t 2 ] || meter=--progress-bar
  status=0
  # No limit on the total time, for slow lines; but a minute below 1 kB/s counts as a stall.
  answer=$(curl "$meter" --fail --location --proto "=$scheme" --proto-redir =https \
    --connect-timeout 20 --speed-limit 1000 --speed-time 60 \
    --continue-at - --output "$part" --write-out '%{http_code}' "$1") || status=$?
}

fetch_from() { # url; succeeds if $part is the archive then
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
        [ "$kept" -gt 0 ] || return 1 ;; # the part kept earlier may be wrong: again from byte 0
      23) fail 1 "cannot write datasets/${part##*/}: is the disk full?" ;;
      33) rm -f "$part" ;;                             # this server cannot resume: from byte 0
      *) [ "$(size_of "$part")" -gt "$kept" ] || return 1 ;; # cut off: resume
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
    4) fail 4 "$archive is incomplete; $(size_of "$part") of $bytes bytes are kept, run this \
again to resume. Tried: $tried" ;;
    5) fail 5 "the download is not $archive (size or SHA-256 differs) and was deleted: run this \
again later, or use --from-file. Tried: $tried" ;;
  esac
}

# First list all types and names, and refuse links and outside paths; then extract only known names.
unpack() { # archive
  local listing refused fault name names=()
  listing=$(LC_ALL=C tar -tvzf - <"$1" 2>/dev/null) || fail 5 "$1 is not an archive that tar can read"
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
stop_if_there # another run may have just finished
if [ -n "$from_file" ]; then
  is_genuine "$from_file" || fail 5 "$from_file is not $archive: it has $(size_of "$from_file") bytes, \
expected $bytes and SHA-256 $sha256"
  check_space "$unpacked"
  unpack "$from_file"
else
  check_space $((bytes - $(size_of "$part") + unpacked))
  download
  unpack "$part"
  rm -f "$part"
fi
echo "CIFAR-10 is there: datasets/$folder"

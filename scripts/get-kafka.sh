#!/bin/sh
# get-kafka.sh [FOLDER]: fetches Apache Kafka for the tests, verifies it, unpacks it into FOLDER and prints the distribution's path.
# FOLDER is hostwire/kafka in the user's cache folder unless named. What is there already is not fetched again.
#
# Verified is the SHA-512 below, which is the one Apache publishes beside the archive (kafka_2.13-4.3.1.tgz.sha512), so neither a mirror nor
# the way from it needs to be trusted. OpenPGP signatures are not checked.
#   HOSTWIRE_TEST_KAFKA_MIRROR   base URL of a mirror, instead of Apache's own sites; the archive is expected at BASE/4.3.1/kafka_2.13-4.3.1.tgz
#   HOSTWIRE_TEST_KAFKA_SHA512   another checksum, for a mirror that carries a build of its own
set -eu

version=4.3.1
name=kafka_2.13-$version
sha512=${HOSTWIRE_TEST_KAFKA_SHA512:-c7d7b2318cb51aa0c61d3246a51c349210073c5c9b754947ef965a439f2f939e8600f204e134a75ac31faf3829c9370960ef7c6a9886c8a1dbf0339a21f4c54c}
# The first carries current releases only and is the faster one, the second all there ever were.
mirrors=${HOSTWIRE_TEST_KAFKA_MIRROR:-https://downloads.apache.org/kafka https://archive.apache.org/dist/kafka}

folder=${1:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/hostwire/kafka}
home=$folder/$name-$(printf %.12s "$sha512")

say()  { printf '%s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }
fetch() { # URL FILE
  if have curl; then curl -fsSL --connect-timeout 10 --retry 2 -o "$2" "$1"
  elif have wget; then wget -q --connect-timeout=10 --tries=3 -O "$2" "$1"
  else say "Neither curl nor wget is installed."; return 1
  fi
}

if [ ! -d "$home" ]; then
  mkdir -p "$folder"
  work=$(mktemp -d "$folder/.download.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 1' INT TERM HUP
  from=
  for mirror in $mirrors; do
    say "Fetching $name.tgz from $mirror ..."
    if fetch "$mirror/$version/$name.tgz" "$work/$name.tgz"; then from=$mirror; break; fi
  done
  [ -n "$from" ] || { say "$name.tgz could not be fetched. Set KAFKA_HOME to an Apache Kafka distribution, HOSTWIRE_TEST_KAFKA to a running broker, or HOSTWIRE_TEST_KAFKA_MIRROR to a mirror."; exit 1; }
  actual=$(sha512sum "$work/$name.tgz" | cut -d' ' -f1)
  if [ "$actual" != "$sha512" ]; then
    say "$name.tgz from $from is not the file that was expected and has been thrown away: its SHA-512 is"
    say "$actual, not"
    say "$sha512."
    exit 1
  fi
  tar -xzf "$work/$name.tgz" -C "$work"
  # Moved into place whole, so that a run that was killed leaves nothing that looks complete; whoever came first at the same time wins.
  mv -T "$work/$name" "$home" 2>/dev/null || [ -d "$home" ]
fi
printf '%s\n' "$home"

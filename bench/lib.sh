# Shared by the benchmarks that need real services; sourced, never run. Expects $root, the checkout's folder.
. "$root/scripts/lib.sh"

# bench NAME [OPTION...]: runs one of them with the binary as it is published, real Kafka and real PostgreSQL.
bench() {
  need_dotnet
  need_linker; need_postgresql; need_command setpriv util-linux; need_java
  install_missing || exit 1
  if [ -z "${HOSTWIRE_TEST_BINARY:-}" ]; then
    say "Publishing the native binary ..."
    publish "$root/artifacts/test-binary"
    export HOSTWIRE_TEST_BINARY="$root/artifacts/test-binary/hostwire"
  fi
  if [ -z "${KAFKA_HOME:-}" ]; then KAFKA_HOME=$("$root/scripts/get-kafka.sh") || exit 1; export KAFKA_HOME; fi
  say "Building the benchmarks ..."
  # shellcheck disable=SC2086 # several options
  dotnet build "$root/bench/Hostwire.EndToEnd" -c Release --nologo -v quiet $build_options >&2
  exec dotnet "$root/bench/Hostwire.EndToEnd/bin/Release/net10.0/Hostwire.EndToEnd.dll" "$@"
}

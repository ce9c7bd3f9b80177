# Shared by ./up, ./build, ./test and scripts/; sourced, never run. Expects $root, the checkout's folder.

# Under cron, in containers and in CI there is often no HOME, and both dotnet and NuGet need one.
if [ -z "${HOME:-}" ]; then
  HOME=$(getent passwd "$(id -u)" | cut -d: -f6)
  [ -d "$HOME" ] || HOME=${TMPDIR:-/tmp}
  export HOME
fi
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

say()  { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# Checked from inside the checkout, because global.json decides which SDK will do.
need_dotnet() {
  have dotnet || fail "The .NET 10 SDK is needed and 'dotnet' is not on the path.
Debian and Ubuntu: see https://learn.microsoft.com/dotnet/core/install/linux (package dotnet-sdk-10.0)."
  (cd "$root" && dotnet --version >/dev/null 2>&1) || fail "No installed .NET SDK satisfies global.json; it needs .NET 10. Installed:
$(dotnet --list-sdks)"
}

# The runtime's own folder, for programs that look for it in other places than this dotnet does.
dotnet_root() { dirname -- "$(readlink -f -- "$(command -v dotnet)")"; }

# need COMMAND... : the packages that the need_ functions below found missing are installed in one go by install_missing.
missing=
want() { case " $missing " in *" $1 "*) ;; *) missing="$missing $1" ;; esac; }

need_postgresql() {
  for initdb in /usr/lib/postgresql/*/bin/initdb; do [ -x "$initdb" ] && return; done
  have initdb || want postgresql
}

need_pgbouncer() { [ -x /usr/sbin/pgbouncer ] || need_command pgbouncer pgbouncer; }

# Native AOT links with gcc, or with clang where that is installed; libc6-dev holds the start-up objects, which gcc only recommends.
has_linker() { have clang || { have gcc && [ -e "$(gcc -print-file-name=crt1.o)" ]; }; }
need_linker() { has_linker || { want gcc; want libc6-dev; }; }
need_cross_linker() { need_command aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu; [ -e /usr/aarch64-linux-gnu/lib/crt1.o ] || want libc6-dev-arm64-cross; }

# What scripts/package runs.
need_packaging() { need_command readelf binutils; need_command dpkg-deb dpkg; }

java_version() {
  java=java
  [ -n "${JAVA_HOME:-}" ] && java=$JAVA_HOME/bin/java
  have "$java" && "$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p'
}
need_java() { [ "$(java_version || echo 0)" -ge 17 ] 2>/dev/null || want java; }
need_command() { have "$1" || want "$2"; }

# Installs $missing with apt as root or through a sudo that asks for no password. Else prints what to run and returns 1.
install_missing() {
  [ -n "$missing" ] || return 0
  have apt-get || { say "Missing, and this is no Debian or Ubuntu, so please install them your way:$missing"; return 1; }
  sudo=
  if [ "$(id -u)" -ne 0 ]; then
    if have sudo && sudo -n true 2>/dev/null; then sudo='sudo -n'; else sudo=sudo; fi
  fi
  # A machine that has just started installs its updates, and apt is for one at a time.
  apt="DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300"
  if [ "$sudo" = sudo ]; then
    say "Missing:$missing. Please run this, then start again:"
    say "  sudo apt-get update && sudo apt-get install --no-install-recommends$(resolve_packages)"
    return 1
  fi
  say "Installing with apt:$missing"
  $sudo env $apt update -qq >/dev/null || say "apt-get update had errors; trying with the lists that are here."
  # Debian's package would start a server on port 5432 that nobody asked for. The setting is taken back afterwards.
  conf=/etc/postgresql-common/createcluster.d/hostwire.conf
  case $missing in *postgresql*)
    $sudo mkdir -p "${conf%/*}"
    echo 'create_main_cluster = false' | $sudo tee "$conf" >/dev/null ;;
  esac
  # And this one a pooler on port 6432: it is kept from that now by a mask, which is taken back afterwards, and from then on by being disabled.
  mask=/etc/systemd/system/pgbouncer.service
  case $missing in *pgbouncer*)
    $sudo mkdir -p "${mask%/*}"
    [ -e "$mask" ] || $sudo ln -s /dev/null "$mask" ;;
  esac
  status=0
  # shellcheck disable=SC2046 # one word a package
  $sudo env $apt install -y -qq --no-install-recommends $(resolve_packages) >/dev/null || status=$?
  $sudo rm -f "$conf"
  case $missing in *pgbouncer*)
    [ "$(readlink "$mask")" != /dev/null ] || $sudo rm -f "$mask"
    ! have systemctl || $sudo systemctl --quiet disable pgbouncer 2>/dev/null || say "pgbouncer may start with the machine: systemctl disable pgbouncer." ;;
  esac
  [ $status -eq 0 ] || say "apt could not install$missing (its messages are above)."
  missing=
  return $status
}

# The JRE's package has its version in its name, and which ones there are depends on the release.
resolve_packages() {
  for package in $missing; do
    if [ "$package" = java ]; then
      package=openjdk-17-jre-headless
      for version in 17 21 25; do
        if apt-cache show "openjdk-$version-jre-headless" >/dev/null 2>&1; then package=openjdk-$version-jre-headless; break; fi
      done
    fi
    printf ' %s' "$package"
  done
}

# publish FOLDER [OPTION...]: the program, ready to run, as FOLDER/hostwire.
publish() {
  folder=$1; shift
  # A running hostwire keeps its files open: they are unlinked, not overwritten under its feet.
  rm -f "$folder"/hostwire "$folder"/hostwire.dll "$folder"/*librdkafka.so
  # The analyzers speak to who changes the code, in ./test, and take longer than the compiler.
  dotnet publish "$root/src/Hostwire/Hostwire.csproj" -c Release -o "$folder" --nologo -v quiet -p:RunAnalyzers=false $build_options "$@" >&2
}

# Without servers that outlive the build: a CI that waits for them to close its pipe would wait for ever.
build_options='-nodeReuse:false -p:UseSharedCompilation=false'
# The version comes from the tags; where git is missing the build takes the one of a source archive.
have git || build_options="$build_options -p:MinVerSkip=true"

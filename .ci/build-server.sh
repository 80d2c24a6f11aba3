# Sourced by ./run and ./keygate: builds what they need, and only when something changed since the last time.
# Needs $home, the repository's folder. Sets $keygate, the program.

keygate="$home/src/Keygate.Server/bin/Release/net10.0/keygate.dll"
demo="$home/src/Keygate.Demo/bin/Release/net10.0/Keygate.Demo.dll"

build() { # project, program, what to say
    local stamp="$2.built" log
    if [ -f "$2" ] && [ -f "$stamp" ] && [ -z "$(find "$home/src" "$home/Directory.Build.props" "$home/Directory.Build.targets" "$home/Directory.Packages.props" \
        -newer "$stamp" -type f -not -path '*/obj/*' -not -path '*/bin/*' -print -quit)" ]; then
        return
    fi
    command -v dotnet >/dev/null || { echo "The .NET SDK 10 is not installed: 'dotnet' is not found. Get it from https://dot.net." >&2; exit 1; }
    echo "Building $3 ..." >&2
    log=$(mktemp)
    # Two builds at once would write the same files. The compiler process stays behind for the next build: it must not hold the lock.
    if ! (flock 9 2>/dev/null; dotnet build "$home/$1" -c Release -v q -nologo 9>&-) >"$log" 2>&1 9>"$home/.build.lock"; then
        cat "$log" >&2
        rm -f "$log"
        echo "The build failed; the reasons stand above." >&2
        exit 1
    fi
    rm -f "$log"
    touch "$stamp"
}

build_server() { build src/Keygate.Server "$keygate" Keygate; }
build_demo() { build src/Keygate.Demo "$demo" "the demo"; }

#!/bin/sh
# As a service: the socket that a manager hands over, telling it how it goes, the unit and its hardening.
. "$SRCDIR/tests/story/lib.sh"
command -v perl >/dev/null || skip_story "there is no perl to play the service manager"
story_begin
# manager WHERE...: listens there, hands the sockets over and becomes the daemon; what the daemon
# tells goes to the file "told".
cat >"$story_dir/manager.pl" <<'EOF'
use strict;
use Socket;
use POSIX ();
$^F = 100;
my ($dir, $program, @where) = @ARGV;
my $told = "$dir/notify";
unlink $told;
socket(my $n, AF_UNIX, SOCK_DGRAM, 0) or die $!;
bind($n, sockaddr_un($told)) or die $!;
my $daemon = fork;
if (!$daemon) {
    close $n;
    my @sockets;
    for my $w (@where) {
        socket(my $s, $w =~ m{^/} ? AF_UNIX : AF_INET, $w =~ /^dgram/ ? SOCK_DGRAM : SOCK_STREAM, 0) or die $!;
        if ($w =~ m{^/}) { unlink $w; bind($s, sockaddr_un($w)) or die $!; }
        elsif ($w =~ /^dgram/) { bind($s, sockaddr_in(0, inet_aton("127.0.0.1"))) or die $!; }
        else { bind($s, sockaddr_in(0, inet_aton($w))) or die $!; }
        $w =~ /^dgram/ or listen($s, 16) or die $!;
        push @sockets, $s;
    }
    # the first descriptors are handed over; none of these closes when the daemon begins
    for my $i (0 .. $#sockets) {
        fileno($sockets[$i]) == 3 + $i or POSIX::dup2(fileno($sockets[$i]), 3 + $i) or die $!;
    }
    $ENV{LISTEN_PID} = $$;
    $ENV{LISTEN_FDS} = scalar @where;
    $ENV{NOTIFY_SOCKET} = $told;
    open(my $pid, ">", "$dir/daemon.pid") or die $!;
    print $pid "$$\n";
    close $pid;
    exec $program, "--db", "$dir/postlift.db", "--address-file", "$dir/address" or die $!;
}
$SIG{CHLD} = sub { };
open(my $out, ">>", "$dir/told") or die $!;
$out->autoflush(1);
while (1) {
    my $r = '';
    vec($r, fileno($n), 1) = 1;
    if (select($r, undef, undef, 0.1) > 0) { recv($n, my $text, 4096, 0); print $out "$text\n"; }
    elsif (waitpid($daemon, 1) == $daemon) { exit($? >> 8); }
}
EOF
manage() { # where...: in the background; waits for the address
    rm -f "$story_dir/address" "$story_dir/told"
    perl "$story_dir/manager.pl" "$story_dir" "$POSTLIFTD" "$@" 2>>"$story_dir/log" &
    manager_pid=$!
    tries=0
    while [ ! -s "$story_dir/address" ] && [ $tries -lt 400 ] && kill -0 $manager_pid 2>/dev/null; do
        sleep 0.05
        tries=$((tries + 1))
    done
    daemon_pid= url=
    [ -s "$story_dir/address" ] || return 1
    url=$(cat "$story_dir/address")
}
end() {
    kill -TERM "$(cat "$story_dir/daemon.pid")"
    code=0
    wait $manager_pid || code=$?
}
manage 127.0.0.1
equal "the socket that is handed over is the one that answers" "200 1" "$(status_of "$url/healthz") $(echo "$url" | grep -c '^http://127.0.0.1:[0-9]*$')"
tries=0
while ! grep -q READY "$story_dir/told" && [ $tries -lt 100 ]; do
    sleep 0.05
    tries=$((tries + 1))
done
contains "and the manager is told when it is ready" READY=1 "$(cat "$story_dir/told")"
end
equal "it stops as told" 0 $code
contains "and says so" STOPPING=1 "$(cat "$story_dir/told")"
manage "$story_dir/socket"
equal "a UNIX socket that is handed over answers" "200 unix:$story_dir/socket" "$(curl -s -o /dev/null -w '%{http_code}' --unix-socket "$story_dir/socket" http://localhost/healthz) $url"
end
check "and its file is left to whom it belongs" test -S "$story_dir/socket"
manage 0.0.0.0
wait $manager_pid
equal "an address beyond loopback is refused without tokens, handed over or not" 78 $?
contains "in words" "without a file of tokens" "$(tail -1 "$story_dir/log")"
manage 127.0.0.1 127.0.0.1
wait $manager_pid
equal "two sockets are one too many" 78 $?
manage dgram
wait $manager_pid
equal "and one that is no stream is none" 78 $?
listen=127.0.0.1:0
LISTEN_PID=1 LISTEN_FDS=1 NOTIFY_SOCKET=/nowhere/socket start
equal "what was meant for another process is not taken" 200 "$(status_of "$url/healthz")"
stop
equal "and a manager that does not listen is no matter" 0 "$daemon_code"

unit=$(pwd)/doc/examples/postliftd.service
if command -v systemd-analyze >/dev/null; then
    out=$(systemd-analyze security --offline=true --no-pager --threshold=15 "$unit" 2>&1)
    equal "the unit's exposure is below 1.5 of 10" 0 $?
    note "$(printf '%s\n' "$out" | tail -1)"
fi
imports=$(pwd)/doc/examples/postlift-import.service
if command -v systemd-analyze >/dev/null; then
    systemd-analyze security --offline=true --no-pager --threshold=20 "$imports" >/dev/null 2>&1
    equal "that of the imports is below 2" 0 $?
fi
contains "they are run by the command that is installed" "ExecStart=/" "$(grep "^ExecStart=.*/postlift import" "$imports")"
contains "the unit names the daemon where it is installed" "ExecStart=/" "$(cat "$unit")"
for setting in $(sed -n 's/^#\(POSTLIFT_[A-Z_]*\)=.*/\1/p' "$SRCDIR/doc/examples/postlift.default"); do
    contains "the example's $setting is a setting" "$setting" "$("$POSTLIFTD" --help; "$POSTLIFT" --help)"
done
end_of_story

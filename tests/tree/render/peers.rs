//! What is rendered, with real neighbours: RPKI with a cache that dies and comes back, static routes that are redistributed by
//! a policy, and a session without addresses.

use super::judges::{RELEASES, folder, judge_by};
use crate::pure::config::private;
use imp::config;
use imp::render::frr::Frr;
use imp::render::{self, Bindings};
use imp::types::FrrRelease;
use std::fs;

/// Ours. `leaf` has no address at all.
const OURS: &str = r#"
config-version = 1
[system]
hostname = "edge1"
[vpp.core]
[loopbacks.lo0]
addresses = ["192.0.2.1/32"]
[interfaces.external]
match     = { pci = "0000:65:00.0" }
addresses = ["198.51.100.1/30"]
[interfaces.leaf]
match = { pci = "0000:65:00.1" }
[routes]
"203.0.113.0/25"   = { via = "198.51.100.2" }
"203.0.113.128/25" = { via = "198.51.100.2" }
[prefix-lists]
CUSTOMER = ["203.0.113.0/25"]
[rpki]
caches         = { "198.51.100.2" = { port = 3323 } }
polling-period = "1s"
retry-interval = "1s"
[[route-maps.CHECKED]]
action = "deny"
match  = { rpki = "invalid" }
[[route-maps.CHECKED]]
action = "permit"
[[route-maps.ALL]]
action = "permit"
[[route-maps.CUSTOMER]]
action = "permit"
match  = { prefix-list = "CUSTOMER" }
set    = { community = ["64500:7"] }
[bgp]
asn          = 64500
networks     = ["192.0.2.0/24"]
redistribute = { static = { route-map = "CUSTOMER" } }
[bgp.neighbors."198.51.100.2"]
remote-as            = 64496
soft-reconfiguration = true
route-map            = { in = "CHECKED", out = "ALL" }
[bgp.neighbors.leaf]
remote-as = "external"
route-map = { in = "ALL", out = "ALL" }
"#;

/// The neighbour with an address announces three prefixes; its machine has the cache.
const THEIRS: &str = "router bgp 64496\n bgp router-id 198.51.100.2\n no bgp ebgp-requires-policy\n \
    no bgp network import-check\n neighbor 198.51.100.1 remote-as 64500\n neighbor 198.51.100.1 timers connect 1\n \
    address-family ipv4 unicast\n  network 10.1.0.0/24\n  network 10.2.0.0/24\n  network 10.3.0.0/24\n \
    exit-address-family\nexit\n";

/// The neighbour on the link.
const LEAF: &str = "router bgp 64497\n bgp router-id 198.51.100.3\n no bgp ebgp-requires-policy\n \
    no bgp network import-check\n neighbor leaf interface remote-as external\n neighbor leaf timers connect 1\n \
    address-family ipv4 unicast\n  network 10.9.0.0/24\n exit-address-family\nexit\n";

/// A cache of RPKI (RFC 8210) that has what stands in its arguments: `PREFIX,MAXLENGTH,ASN`.
const CACHE: &str = r#"
import ipaddress, os, socketserver, struct, sys

SESSION = os.getpid() & 0xFFFF

def end(version):
    times = () if version == 0 else (1, 1, 600)
    return struct.pack(f"!BBHI{1 + len(times)}I", version, 7, SESSION, 12 + 4 * len(times), 1, *times)

def begin(version):
    return struct.pack("!BBHI", version, 3, SESSION, 8)

def everything(version):
    out = begin(version)
    for roa in sys.argv[2:]:
        prefix, longest, asn = roa.split(",")
        net = ipaddress.ip_network(prefix)
        out += struct.pack("!BBHIBBBB", version, 4, 0, 20, 1, net.prefixlen, int(longest), 0)
        out += net.network_address.packed + struct.pack("!I", int(asn))
    return out + end(version)

class Router(socketserver.StreamRequestHandler):
    def handle(self):
        while len(head := self.rfile.read(8)) == 8:
            version, kind, session, size = struct.unpack("!BBHI", head)
            self.rfile.read(size - 8)
            if kind == 2:
                self.wfile.write(everything(version))
            elif kind == 1 and session == SESSION:
                self.wfile.write(begin(version) + end(version))
            elif kind == 1:
                self.wfile.write(struct.pack("!BBHI", version, 8, 0, 8))

class Cache(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

Cache(("", int(sys.argv[1])), Router).serve_forever()
"#;

/// Three routers, each in a namespace that ends with the script; the answers of ours, step by step, are in `$DIR`.
const ROUTERS: &str = r#"
ip link set lo up
for name in a b c; do
    chown -R frr:frr "$DIR/$name"
    unshare -n sleep 300 &
    echo $! >"$DIR/$name/pid"
done
on() { name=$1; shift; nsenter -n -t "$(cat "$DIR/$name/pid")" "$@"; }
for name in a b c; do
    tries=0
    while [ "$(readlink "/proc/$(cat "$DIR/$name/pid")/ns/net")" = "$(readlink /proc/self/ns/net)" ]; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || exit 1
        sleep 0.05
    done
    on $name ip link set lo up
done
a=$(cat "$DIR/a/pid")
ip link add name external netns "$a" type veth peer name uplink netns "$(cat "$DIR/b/pid")"
ip link add name leaf netns "$a" type veth peer name leaf netns "$(cat "$DIR/c/pid")"
on a ip address add 198.51.100.1/30 dev external
on b ip address add 198.51.100.2/30 dev uplink
on a ip link set external up
on b ip link set uplink up
on a ip link set leaf up
on c ip link set leaf up
for name in a b c; do
    for daemon in $DAEMONS; do
        modules=
        [ $name$daemon != abgpd ] || modules='-M rpki'
        on $name /usr/lib/frr/$daemon -d -i "$DIR/$name/$daemon.pid" -z "$DIR/$name/zserv.api" \
            --vty_socket "$DIR/$name" -P 0 -u frr -g frr $modules >>"$DIR/log" 2>&1
    done
    tries=0
    for daemon in $DAEMONS; do
        until [ -S "$DIR/$name/$daemon.vty" ] || [ $tries -gt 100 ]; do sleep 0.05; tries=$((tries + 1)); done
    done
done
# Without the function, whose process would be the one that is killed.
on_b="nsenter -n -t $(cat "$DIR/b/pid")"
$on_b python3 "$DIR/cache.py" 3323 10.1.0.0/24,24,64496 10.2.0.0/24,24,64511 >>"$DIR/log" 2>&1 &
cache=$!
for name in a b c; do
    on $name vtysh --vty_socket "$DIR/$name" --config_dir "$DIR/$name" -b >>"$DIR/log" 2>&1
done
table() { vtysh --vty_socket "$DIR/$1" --config_dir "$DIR/$1" -d bgpd -c 'show bgp ipv4 unicast json' >"$DIR/$2" || true; }
# Whether every prefix of the first list is there and none of the second.
until_shown() {
    tries=0
    while [ $tries -lt 80 ]; do
        tries=$((tries + 1))
        sleep 0.5
        table "$1" "$2"
        there=0
        for prefix in $3; do grep -q "\"$prefix\"" "$DIR/$2" || there=1; done
        for prefix in $4; do ! grep -q "\"$prefix\"" "$DIR/$2" || there=1; done
        [ $there != 0 ] || return 0
    done
}
until_shown a first '10.1.0.0/24 10.3.0.0/24 10.9.0.0/24' 10.2.0.0/24
until_shown b theirs '192.0.2.0/24 10.9.0.0/24' 203.0.113.128/25
until_shown c leafs '10.1.0.0/24 192.0.2.0/24 203.0.113.0/25' '10.2.0.0/24 203.0.113.128/25'
kill $cache
# What was said of the routes holds while the cache is away.
sleep 3
table a away
$on_b python3 "$DIR/cache.py" 3323 10.2.0.0/24,24,64496 10.3.0.0/24,24,64511 >>"$DIR/log" 2>&1 &
cache=$!
tries=0
until grep -q '^N.*10.1.0.0/24' "$DIR/second" 2>/dev/null || [ $tries -gt 80 ]; do
    tries=$((tries + 1))
    sleep 0.5
    vtysh --vty_socket "$DIR/a" --config_dir "$DIR/a" -d bgpd -c 'show bgp ipv4 unicast' >"$DIR/second" || true
done
vtysh --vty_socket "$DIR/a" --config_dir "$DIR/a" -d bgpd -c 'show bgp summary' -c 'show rpki cache-connection' >"$DIR/sessions"
kill $cache || true
for pid in "$DIR"/[abc]/*.pid; do kill "$(cat "$pid")" || true; done
for name in a b c; do kill "$(cat "$DIR/$name/pid")"; done
"#;

#[test]
fn real_neighbours_get_and_give_what_is_meant() {
    for release in RELEASES {
        meet(release);
    }
}

fn conf(release: FrrRelease) -> String {
    let files = private([("imp.toml".to_owned(), OURS.as_bytes().to_vec())].into());
    let parsed = config::parse(&files);
    let said = config::report::text(&parsed.diagnostics, &parsed.sources, false);
    let model = parsed.model.unwrap_or_else(|| panic!("{said}"));
    let bindings = Bindings {
        frr: Frr {
            release,
            ..Frr::default()
        },
        ..Bindings::as_written(&model)
    };
    let rendered = render::everything(&model, &bindings).unwrap();
    let mut files = rendered.files.into_iter();
    files.find(|file| file.path.ends_with("frr.conf")).unwrap().text
}

fn meet(release: FrrRelease) {
    let folder = folder();
    for (name, conf) in [("a", conf(release).as_str()), ("b", THEIRS), ("c", LEAF)] {
        let side = folder.path().join(name);
        fs::create_dir(&side).unwrap();
        fs::write(side.join("frr.conf"), conf).unwrap();
        fs::write(side.join("vtysh.conf"), "service integrated-vtysh-config\n").unwrap();
    }
    fs::write(folder.path().join("cache.py"), CACHE).unwrap();
    let daemons = "zebra bgpd staticd";
    let own = match release {
        FrrRelease::V8 => format!("DAEMONS='{daemons}'"),
        FrrRelease::V10 => format!(
            "DAEMONS='mgmtd {daemons}'; install -d -o frr -g frr /run/frr /var/lib/frr; ln -s /run /var/run"
        ),
    };
    let script = format!("DIR={}; {own}{ROUTERS}", folder.path().display());
    let test = "real_neighbours_get_and_give_what_is_meant";
    let programs = ["/usr/lib/frr/zebra", "/usr/bin/nsenter", "/usr/bin/python3"];
    if judge_by(release, test, &programs, folder.path(), "peers", &script).is_none() {
        return;
    }
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap_or_default();
    let said = ["first", "theirs", "leafs", "away", "second", "sessions", "log"];
    let said = said.map(|name| format!("{name}: {}", read(name))).join("\n");
    let has = |table: &str, prefix: &str| read(table).contains(&format!("\"{prefix}\""));
    let expected = [
        // The caches say which AS may announce 10.2.0.0/24, and it is another one; of 10.3.0.0/24 they say nothing.
        ("first", "10.1.0.0/24", true),
        ("first", "10.2.0.0/24", false),
        ("first", "10.3.0.0/24", true),
        ("first", "10.9.0.0/24", true),
        // The leaf's route is passed on. The static routes lead to this neighbour, which is not sent them.
        ("theirs", "192.0.2.0/24", true),
        ("theirs", "10.9.0.0/24", true),
        // One of the two static routes is a customer's.
        ("leafs", "203.0.113.0/25", true),
        ("leafs", "203.0.113.128/25", false),
        ("leafs", "10.1.0.0/24", true),
        ("leafs", "10.2.0.0/24", false),
        ("away", "10.1.0.0/24", true),
        ("away", "10.2.0.0/24", false),
    ];
    for (table, prefix, is_there) in expected {
        assert_eq!(
            has(table, prefix),
            is_there,
            "{release}: {prefix} in {table}\n{said}"
        );
    }
    // The cache that came back has nothing of 10.1.0.0/24 any more, and is listened to.
    let second = read("second");
    let mut lines = second.lines();
    let is_unknown = |line: &str| line.starts_with('N') && line.contains("10.1.0.0/24");
    assert!(lines.any(is_unknown), "{release}: {said}");
    assert!(read("sessions").contains("(connected)"), "{release}: {said}");
}

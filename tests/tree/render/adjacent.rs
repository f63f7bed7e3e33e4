//! Two real routers on one link, both with what is rendered, become neighbours: with keys, passwords and BFD.

use super::judges::{RELEASES, folder, judge_by};
use super::trees_for;
use imp::health::frr::{Adjacent, parse_isis, parse_ospf, parse_ospf6};
use imp::types::FrrRelease;
use std::fs;

/// A router in each of two namespaces, which end with the script. Each answers under `$DIR/NAME`.
const ROUTERS: &str = r#"
ip link set lo up
for name in a b; do
    chown -R frr:frr "$DIR/$name"
    unshare -n sleep 300 &
    echo $! >"$DIR/$name/pid"
done
a=$(cat "$DIR/a/pid")
b=$(cat "$DIR/b/pid")
tries=0
while [ "$(readlink /proc/$a/ns/net)" = "$(readlink /proc/self/ns/net)" ] ||
    [ "$(readlink /proc/$b/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || exit 1
    sleep 0.05
done
ip link add name trunk netns "$a" type veth peer name trunk netns "$b"
number=0
for name in a b; do
    number=$((number + 1))
    there="nsenter -n -t $(cat "$DIR/$name/pid")"
    $there ip link set lo up
    $there ip link set dev trunk up
    $there ip address add 10.0.0.$number/30 dev trunk
    $there ip address add 2001:db8:0:1::$number/64 dev trunk nodad
    for daemon in $DAEMONS; do
        $there /usr/lib/frr/$daemon -d -i "$DIR/$name/$daemon.pid" -z "$DIR/$name/zserv.api" \
            --vty_socket "$DIR/$name" -P 0 -u frr -g frr >>"$DIR/log" 2>&1
    done
    tries=0
    for daemon in $DAEMONS; do
        until [ -S "$DIR/$name/$daemon.vty" ] || [ $tries -gt 100 ]; do sleep 0.05; tries=$((tries + 1)); done
    done
    $there vtysh --vty_socket "$DIR/$name" --config_dir "$DIR/$name" -b >>"$DIR/log" 2>&1
done
ask() { vtysh --vty_socket "$DIR/a" --config_dir "$DIR/a" -d "$1" -c "$2" >"$DIR/$3"; }
tries=0
while [ $tries -lt 60 ]; do
    tries=$((tries + 1))
    sleep 0.5
    ask ospfd 'show ip ospf neighbor json' ospf
    ask ospf6d 'show ipv6 ospf6 neighbor json' ospf6
    ask isisd 'show isis neighbor json' isis
    ask bfdd 'show bfd peers brief' bfd
    ask zebra 'show ip route 203.0.113.0/24' route
    if grep -q Full "$DIR/ospf" && grep -q Full "$DIR/ospf6" && grep -q '"Up"' "$DIR/isis" &&
        [ "$(grep -c ' up ' "$DIR/bfd")" -ge 2 ] && grep -q ospf "$DIR/route" && grep -q isis "$DIR/route"; then
        break
    fi
done
for pid in "$DIR"/a/*.pid "$DIR"/b/*.pid; do kill "$(cat "$pid")" || true; done
kill "$a" "$b"
"#;

#[test]
fn two_routers_with_what_is_rendered_are_adjacent() {
    for release in RELEASES {
        meet(release);
    }
}

fn meet(release: FrrRelease) {
    let trees = trees_for(release);
    let tree = trees.iter().find(|tree| tree.name() == "53-adjacent").unwrap();
    let ours = tree.text("run/imp/frr/frr.conf");
    // The other side announces nothing, so that the route is learnt.
    let theirs = ours
        .replace("router-id 192.0.2.1", "router-id 192.0.2.2")
        .replace("2001.00", "2002.00");
    let silent: String = ours
        .lines()
        .filter(|line| !line.starts_with("ip route "))
        .flat_map(|line| [line, "\n"])
        .collect();
    assert_ne!(silent, ours);
    let folder = folder();
    for (name, conf) in [("a", silent.as_str()), ("b", theirs.as_str())] {
        let side = folder.path().join(name);
        fs::create_dir(&side).unwrap();
        fs::write(side.join("frr.conf"), conf).unwrap();
        fs::write(side.join("vtysh.conf"), "service integrated-vtysh-config\n").unwrap();
    }
    let daemons = "zebra ospfd ospf6d isisd bfdd staticd";
    let own = match release {
        FrrRelease::V8 => format!("DAEMONS='{daemons}'"),
        FrrRelease::V10 => format!(
            "DAEMONS='mgmtd {daemons}'; install -d -o frr -g frr /run/frr /var/lib/frr; ln -s /run /var/run"
        ),
    };
    let script = format!("DIR={}; {own}{ROUTERS}", folder.path().display());
    let test = "two_routers_with_what_is_rendered_are_adjacent";
    let programs = ["/usr/lib/frr/zebra", "/usr/bin/nsenter"];
    if judge_by(release, test, &programs, folder.path(), "adjacent", &script).is_none() {
        return;
    }
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let said = ["ospf", "ospf6", "isis", "bfd", "route", "log"].map(|name| format!("{name}: {}", read(name)));
    let said = said.join("\n");
    let ospf = parse_ospf(&read("ospf")).unwrap();
    let ospf6 = parse_ospf6(&read("ospf6")).unwrap();
    let isis = parse_isis(&read("isis")).unwrap();
    assert_eq!(
        (ospf.len(), ospf6.len(), isis.len()),
        (1, 1, 1),
        "{release}: {said}"
    );
    assert!(
        ospf[0].is_adjacent() && ospf[0].interface == "trunk",
        "{release}: {said}"
    );
    assert!(
        ospf6[0].is_adjacent() && ospf6[0].interface == "trunk",
        "{release}: {said}"
    );
    assert!(
        isis[0].is_adjacent() && isis[0].interface == "trunk",
        "{release}: {said}"
    );
    // IPv4 for OSPF, and IPv6's link-local addresses for OSPFv3 and IS-IS.
    assert!(read("bfd").matches(" up ").count() >= 2, "{release}: {said}");
    for protocol in ["\"ospf\"", "\"isis\""] {
        assert!(read("route").contains(protocol), "{release}: {said}");
    }
}

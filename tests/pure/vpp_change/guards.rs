//! What the simulated VPP does with packets before it routes them, and how a running one gets there.

use super::live;
use super::sim::{Outcome, unless};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Default)]
pub struct Guards {
    urpf: BTreeMap<(String, String), String>,
    segments: BTreeMap<String, String>,
    /// By protocol: the source, and the servers.
    relays: BTreeMap<String, (String, BTreeSet<String>)>,
}

impl Guards {
    pub fn names(&self, interface: &str) -> bool {
        self.urpf.keys().any(|(_, name)| name == interface) || self.segments.contains_key(interface)
    }

    /// `None`: a line of another kind.
    pub fn run(&mut self, words: &[&str], there: impl Fn(&str) -> bool) -> Option<Outcome> {
        let owned = |word: &str| word.to_owned();
        Some(match *words {
            ["set", "urpf", family, "rx", mode, name] => unless(!there(name)).map(|()| {
                let side = (owned(family), owned(name));
                match mode {
                    "off" => assert!(self.urpf.remove(&side).is_some(), "nothing: {words:?}"),
                    _ => drop(self.urpf.insert(side, owned(mode))),
                }
            }),
            ["set", "interface", "tcp-mss-clamp", name, ref rest @ ..] => unless(!there(name)).map(|()| {
                // Both families have to be said.
                assert!(rest.contains(&"ip4") && rest.contains(&"ip6"), "{words:?}");
                match rest.contains(&"disable") {
                    true => assert!(self.segments.remove(name).is_some(), "nothing: {words:?}"),
                    false => drop(self.segments.insert(owned(name), rest.join(" "))),
                }
            }),
            ["set", protocol @ ("dhcp" | "dhcpv6"), "proxy", ref rest @ ..] => {
                self.relay(protocol, rest);
                Ok(())
            }
            _ => return None,
        })
    }

    fn relay(&mut self, protocol: &str, words: &[&str]) {
        match *words {
            ["del", "server", server, "src-address", _, ref tables @ ..] => {
                let relay = format!("{protocol} {tables:?}");
                let (_, servers) = self.relays.get_mut(&relay).expect("no relay");
                assert!(servers.remove(server), "silently nothing: {words:?}");
                if servers.is_empty() {
                    self.relays.remove(&relay);
                }
            }
            ["server", server, "src-address", source, ref tables @ ..] => {
                let relay = format!("{protocol} {tables:?}");
                let first = (source.to_owned(), BTreeSet::new());
                let (known, servers) = self.relays.entry(relay).or_insert(first);
                assert_eq!(known, source, "the source stays that of the first server");
                assert!(servers.insert(server.to_owned()), "silently nothing: {words:?}");
            }
            _ => panic!("unknown: {words:?}"),
        }
    }

    pub fn has(&self) -> BTreeSet<String> {
        let mut has = BTreeSet::new();
        has.extend(self.urpf.iter().map(|it| format!("urpf {it:?}")));
        has.extend(self.segments.iter().map(|it| format!("segments {it:?}")));
        has.extend(self.relays.iter().map(|it| format!("relay {it:?}")));
        has
    }
}

const PORT: [&str; 2] = [
    "lcp create external host-if external",
    "set interface ip address external 198.51.100.2/24",
];

#[test]
fn sources_and_segments_change_in_place() {
    let before = [
        "set urpf ip4 rx strict external",
        "set interface tcp-mss-clamp external ip4 enable ip4-mss 1452 ip6 enable ip6-mss 1432",
    ];
    let after = [
        "set urpf ip4 rx loose external",
        "set interface tcp-mss-clamp external ip4 enable ip4-mss 1400 ip6 enable ip6-mss 1380",
    ];
    let (steps, costs) = live(&[&PORT[..], &before].concat(), &[&PORT[..], &after].concat());
    assert_eq!(
        (steps, costs),
        (after.map(str::to_owned).to_vec(), vec!["live".to_owned()])
    );
    let (steps, _) = live(&[&PORT[..], &before].concat(), &PORT);
    assert_eq!(
        steps,
        [
            "set interface tcp-mss-clamp external ip4 disable ip6 disable",
            "set urpf ip4 rx off external",
        ]
    );
}

#[test]
fn a_relay_gets_another_source_only_without_servers() {
    let from = |source: &str| {
        ["10.0.0.1", "10.0.0.2"].map(|it| format!("set dhcp proxy server {it} src-address {source}"))
    };
    let [before, after] = ["192.0.2.1", "192.0.2.2"].map(from);
    let words = |lines: &[String; 2]| -> Vec<String> { lines.to_vec() };
    let (before, after) = (words(&before), words(&after));
    fn as_str(lines: &[String]) -> Vec<&str> {
        lines.iter().map(String::as_str).collect()
    }
    let (steps, _) = live(&as_str(&before), &as_str(&after));
    assert_eq!(
        steps,
        [
            "set dhcp proxy del server 10.0.0.2 src-address 192.0.2.1",
            "set dhcp proxy del server 10.0.0.1 src-address 192.0.2.1",
            &after[0],
            &after[1],
        ]
    );
    let (steps, _) = live(&as_str(&before[..1]), &as_str(&before));
    assert_eq!(steps, [before[1].as_str()]);
}

#[test]
fn an_interface_gets_another_acl_before_it_loses_the_first() {
    let acl =
        |name: &str, net: &str| format!("set acl-plugin acl permit src {net} dst 0.0.0.0/0 tag acl-{name}");
    let (a, b) = (acl("A", "10.0.0.0/8"), acl("B", "192.0.2.0/24"));
    let filter = "set acl-plugin interface external input acl 0";
    let before = [PORT[0], PORT[1], &a, filter];
    let after = [PORT[0], PORT[1], &b, filter];
    let (steps, costs) = live(&before, &after);
    assert_eq!(
        steps,
        [
            &b,
            "set acl-plugin interface external input acl 'acl-B'",
            "set acl-plugin interface external input acl 'acl-A' del",
            "delete acl-plugin acl index 'acl-A'",
        ]
    );
    assert_eq!(costs, ["live"]);
}

#[test]
fn a_virtual_router_stands_aside_while_an_address_changes() {
    let router = [
        "vrrp vr add external vr_id 10 priority 200 interval 100 accept_mode 198.51.100.254",
        "vrrp proto start external vr_id 10",
    ];
    let before = [&PORT[..], &router].concat();
    let longer = [PORT[0], "set interface ip address external 198.51.100.2/25"];
    let router_of_longer = [
        "vrrp vr add external vr_id 10 priority 200 interval 100 accept_mode 198.51.100.126",
        router[1],
    ];
    let (steps, _) = live(&before, &[&longer[..], &router_of_longer].concat());
    assert_eq!(
        steps,
        [
            "vrrp proto stop external vr_id 10",
            "vrrp vr del external vr_id 10",
            "set interface ip address del external 198.51.100.2/24",
            longer[1],
            router_of_longer[0],
            router_of_longer[1],
        ]
    );
    // The virtual router itself stays what it is.
    let wider = [PORT[0], "set interface ip address external 198.51.100.2/23"];
    let (steps, _) = live(&before, &[&wider[..], &router].concat());
    assert_eq!(steps.len(), 6, "{steps:?}");
    assert_eq!(steps[0], "vrrp proto stop external vr_id 10");
}

#[test]
fn flags_of_advertisements_change_in_place() {
    let base = [
        "set interface ip address external 2001:db8::1/64",
        "ip6 nd external no ra-suppress",
    ];
    let with = |lines: &[&'static str]| [&base[..], lines].concat();
    let before = with(&[
        "ip6 nd external ra-lifetime 0",
        "ip6 nd external ra-interval 1800 900",
        "ip6 nd external ra-managed-config-flag",
    ]);
    let after = with(&[
        "ip6 nd external ra-interval 30 15",
        "ip6 nd external ra-lifetime 90",
        "ip6 nd external ra-other-config-flag",
    ]);
    let (steps, _) = live(&before, &after);
    assert_eq!(
        steps,
        [
            "ip6 nd external ra-interval 30 15",
            "ip6 nd external ra-lifetime 90",
            "ip6 nd external no ra-managed-config-flag",
            "ip6 nd external ra-other-config-flag",
        ]
    );
    let (steps, _) = live(&after, &before);
    assert_eq!(
        steps[..2],
        [
            "ip6 nd external ra-lifetime 0",
            "ip6 nd external ra-interval 1800 900"
        ]
    );
}

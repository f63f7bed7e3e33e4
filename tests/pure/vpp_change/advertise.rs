//! The router advertisements of an interface of the simulated VPP.

use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone)]
pub struct Nd {
    pub sends: bool,
    /// What the interface had when IPv6 began.
    pub announced_mtu: u32,
    lifetime: u32,
    interval: (u32, u32),
    flags: BTreeSet<String>,
    pub prefixes: BTreeMap<IpNet, String>,
}

impl Nd {
    pub fn begin(announced_mtu: u32) -> Self {
        Self {
            sends: false,
            announced_mtu,
            lifetime: 600,
            interval: (200, 150),
            flags: BTreeSet::new(),
            prefixes: BTreeMap::new(),
        }
    }

    pub fn run(&mut self, words: &[&str]) {
        let nd = self;
        let timers = |nd: &Nd| {
            let (longest, shortest) = nd.interval;
            assert!(
                nd.lifetime == 0 || longest < nd.lifetime,
                "silently ignored: {words:?}"
            );
            assert!(
                shortest >= 3 && shortest * 4 <= longest * 3,
                "silently ignored: {words:?}"
            );
        };
        match *words {
            ["no", "ra-suppress"] => nd.sends = true,
            ["ra-suppress"] => nd.sends = false,
            ["ra-lifetime", seconds] => (nd.sends, nd.lifetime) = (true, seconds.parse().unwrap()),
            ["no", "ra-lifetime", _] => (nd.sends, nd.lifetime) = (true, 600),
            ["ra-interval", longest, shortest] => {
                nd.sends = true;
                nd.interval = (longest.parse().unwrap(), shortest.parse().unwrap());
            }
            ["no", "ra-interval", _, _] => (nd.sends, nd.interval) = (true, (200, 150)),
            [flag @ ("ra-managed-config-flag" | "ra-other-config-flag")] => {
                nd.sends = true;
                assert!(nd.flags.insert(flag.to_owned()), "nothing: {words:?}");
            }
            ["no", flag @ ("ra-managed-config-flag" | "ra-other-config-flag")] => {
                nd.sends = true;
                assert!(nd.flags.remove(flag), "nothing: {words:?}");
            }
            ["no", "prefix", prefix] => {
                let known = nd.prefixes.remove(&prefix.parse().unwrap());
                assert!(known.is_some(), "silently nothing: {words:?}");
            }
            ["prefix", prefix, ref rest @ ..] => {
                nd.prefixes.insert(prefix.parse().unwrap(), rest.join(" "));
            }
            _ => panic!("unknown: {words:?}"),
        }
        timers(nd);
    }
}

//! The three NAT plugins of the simulated VPP.

use super::sim::{Outcome, Refused, unless};
use ipnet::Ipv4Net;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

#[derive(Debug, Clone, Default)]
pub struct Nats {
    enabled: BTreeSet<String>,
    interfaces: BTreeSet<(String, String)>,
    maps: BTreeSet<(Ipv4Net, Ipv4Net)>,
    pools: BTreeSet<(String, Ipv4Addr)>,
    forwards: bool,
    statics: BTreeMap<String, String>,
    prefix: Option<String>,
    /// By outside address, port and protocol.
    bindings: BTreeMap<(String, String, String), (String, String)>,
    timeouts: BTreeMap<String, String>,
    exporter: String,
    logs: Option<String>,
}

impl Nats {
    pub fn names(&self, interface: &str) -> bool {
        self.interfaces
            .iter()
            .any(|(_, words)| words.split(' ').any(|word| word == interface))
    }

    pub fn run(&mut self, words: &[&str], there: impl Fn(&str) -> bool) -> Outcome {
        let (words, add) = match words {
            [rest @ .., "del"] => (rest, false),
            _ => (words, true),
        };
        let enabled = |of: &str| self.enabled.iter().any(|it| it.starts_with(of));
        match *words {
            [nat, "plugin", "enable", ref rest @ ..] => {
                unless(enabled(nat))?;
                self.enabled.insert(format!("{nat} {}", rest.join(" ")));
                Ok(())
            }
            ["set", "interface", nat, ref rest @ ..] => {
                unless(!enabled(nat))?;
                assert!(nat != "det44" || add, "det44 drops everything from now on");
                let names = rest.iter().filter(|word| word.contains("memif"));
                for name in names {
                    unless(!there(name))?;
                }
                let entry = (nat.to_owned(), rest.join(" "));
                unless(match add {
                    true => !self.interfaces.insert(entry),
                    false => !self.interfaces.remove(&entry),
                })
            }
            ["det44", "add", "in", inside, "out", outside] => {
                unless(!enabled("det44"))?;
                let (inside, outside): (Ipv4Net, Ipv4Net) =
                    (inside.parse().unwrap(), outside.parse().unwrap());
                assert!(inside.prefix_len() <= outside.prefix_len(), "SIGFPE");
                if !add {
                    return unless(!self.maps.remove(&(inside, outside)));
                }
                let overlaps =
                    |(other, _): &&(Ipv4Net, Ipv4Net)| other.contains(&inside) || inside.contains(other);
                unless(self.maps.contains(&(inside, outside)))?;
                assert!(
                    !self.maps.iter().any(|it| overlaps(&it)),
                    "two mappings of one address"
                );
                self.maps.insert((inside, outside));
                Ok(())
            }
            ["nat44", "add", "address", ref rest @ ..]
            | ["nat64", "add", "pool", "address", ref rest @ ..] => {
                unless(!enabled(words[0]))?;
                let (first, last): (Ipv4Addr, Ipv4Addr) = match *rest {
                    [one] => (one.parse().unwrap(), one.parse().unwrap()),
                    [first, "-", last] => (first.parse().unwrap(), last.parse().unwrap()),
                    _ => panic!("unknown: {words:?}"),
                };
                for bits in first.to_bits()..=last.to_bits() {
                    let entry = (words[0].to_owned(), Ipv4Addr::from_bits(bits));
                    let bound = |(of, ..): &(String, String, String)| *of == entry.1.to_string();
                    let lost = !add && words[0] == "nat64" && self.bindings.keys().any(bound);
                    assert!(!lost, "the static mappings of {} go as well", entry.1);
                    unless(match add {
                        true => !self.pools.insert(entry),
                        false => !self.pools.remove(&entry),
                    })?;
                }
                Ok(())
            }
            ["nat44", "forwarding", word] => {
                self.forwards = word == "enable";
                Ok(())
            }
            ["nat44", "add", "static", "mapping", ref rest @ ..] => {
                unless(!enabled("nat44"))?;
                let text = rest.join(" ");
                let (inside, outside) = text.split_once(" external ").ok_or(Refused)?;
                let known = self.statics.get(inside);
                unless(known.is_some() == add || (!add && known.map(String::as_str) != Some(outside)))?;
                match add {
                    true => self.statics.insert(inside.to_owned(), outside.to_owned()),
                    false => self.statics.remove(inside),
                };
                Ok(())
            }
            [
                "nat64",
                "add",
                "static",
                "bib",
                inside,
                port,
                outside,
                outer,
                protocol,
            ] => {
                unless(!enabled("nat64"))?;
                let pool = ("nat64".to_owned(), outside.parse().unwrap());
                assert!(self.pools.contains(&pool), "{outside} is not in the pool");
                let owned = |word: &str| word.to_owned();
                let (to, from) = (
                    (owned(outside), owned(outer), owned(protocol)),
                    (owned(inside), owned(port)),
                );
                let taken = |(of, known): (&(String, String, String), &(String, String))| {
                    *of == to || (*known == from && of.2 == protocol)
                };
                match add {
                    true => {
                        unless(self.bindings.iter().any(taken))?;
                        self.bindings.insert(to, from);
                        Ok(())
                    }
                    false => unless(self.bindings.remove(&to).as_ref() != Some(&from)),
                }
            }
            ["set", "nat", "timeout", ref rest @ ..] => {
                for pair in rest.chunks(2) {
                    self.timeouts.insert(pair[0].to_owned(), pair[1].to_owned());
                }
                Ok(())
            }
            ["set", "ipfix", "exporter", ref rest @ ..] => {
                self.exporter = match rest {
                    ["collector", "0.0.0.0", ..] => String::new(),
                    _ => rest.join(" "),
                };
                Ok(())
            }
            ["nat", "ipfix", "logging", verb, ref domain @ ..] => {
                let domain = domain.join(" ");
                let is_on = self.logs.is_some();
                assert_eq!(is_on, verb == "disable", "silently nothing happens");
                let same = self.logs.as_ref().is_none_or(|of| *of == domain);
                assert!(same, "the stream of another domain is not found");
                self.logs = (verb == "enable").then_some(domain);
                Ok(())
            }
            ["nat64", "add", "prefix", prefix] => {
                unless(!add && self.prefix.is_none())?;
                self.prefix = add.then(|| prefix.to_owned());
                Ok(())
            }
            _ => panic!("unknown: {words:?}"),
        }
    }

    pub fn has(&self) -> BTreeSet<String> {
        let mut has = BTreeSet::from([format!("forwards {}, prefix {:?}", self.forwards, self.prefix)]);
        has.extend(self.enabled.iter().cloned());
        has.extend(self.interfaces.iter().map(|it| format!("interfaces {it:?}")));
        has.extend(self.maps.iter().map(|it| format!("map {it:?}")));
        has.extend(self.pools.iter().map(|it| format!("pool {it:?}")));
        has.extend(self.bindings.iter().map(|it| format!("binding {it:?}")));
        has.insert(format!("exporter '{}' {:?}", self.exporter, self.logs));
        let defaults = [
            ("udp", "300"),
            ("tcp-established", "7440"),
            ("tcp-transitory", "240"),
            ("icmp", "60"),
        ];
        let timeouts = self.timeouts.iter();
        let other = timeouts.filter(|(name, value)| !defaults.contains(&(name.as_str(), value.as_str())));
        has.extend(other.map(|it| format!("timeout {it:?}")));
        has.extend(self.statics.iter().map(|it| format!("static {it:?}")));
        has
    }
}

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
        has.extend(self.statics.iter().map(|it| format!("static {it:?}")));
        has
    }
}

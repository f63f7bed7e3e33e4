//! sFlow, IPFIX and LLDP of the simulated VPP.

use super::sim::{Outcome, unless};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Default)]
pub struct Exports {
    numbers: BTreeMap<String, u32>,
    sampled: BTreeSet<String>,
    record: String,
    reported: BTreeMap<String, String>,
    lldp: BTreeSet<String>,
}

impl Exports {
    pub fn names(&self, interface: &str) -> bool {
        self.sampled.contains(interface) || self.reported.contains_key(interface)
    }

    /// `None`: a line of another kind.
    pub fn run(&mut self, words: &[&str], there: impl Fn(&str) -> bool) -> Option<Outcome> {
        Some(match *words {
            ["sflow", "enable-disable", name] => {
                unless(!there(name) || !self.sampled.insert(name.to_owned()))
            }
            ["sflow", "enable-disable", name, "disable"] => unless(!self.sampled.remove(name)),
            ["sflow", number, value] => {
                self.numbers.insert(number.to_owned(), value.parse().unwrap());
                Ok(())
            }
            ["flowprobe", "params", "record", ref rest @ ..] => unless(!self.reported.is_empty()).map(|()| {
                self.record = rest.join(" ");
            }),
            ["flowprobe", "feature", "add-del", name, ref rest @ .., "disable"] => {
                unless(self.reported.remove(name) != Some(rest.join(" ")))
            }
            ["flowprobe", "feature", "add-del", name, ref rest @ ..] => {
                unless(self.record.is_empty() || !there(name))
                    .and_then(|()| unless(self.reported.insert(name.to_owned(), rest.join(" ")).is_some()))
            }
            ["set", "lldp", ..] => {
                self.lldp.insert(words.join(" "));
                Ok(())
            }
            ["set", "interface", "lldp", name, ..] => unless(!there(name)).map(|()| {
                assert!(!name.contains('.'), "another NIC would speak: {words:?}");
                self.lldp.insert(words.join(" "));
            }),
            _ => return None,
        })
    }

    pub fn has(&self) -> BTreeSet<String> {
        let default = |name: &str| match name {
            "sampling-rate" => 10_000,
            "polling-interval" => 20,
            _ => 128,
        };
        let mut has = BTreeSet::new();
        let numbers = self.numbers.iter().filter(|(name, it)| **it != default(name));
        has.extend(numbers.map(|it| format!("sflow {it:?}")));
        has.extend(self.sampled.iter().map(|it| format!("sampled {it}")));
        let record = Some(&self.record).filter(|it| !it.is_empty());
        has.extend(record.map(|it| format!("record {it}")));
        has.extend(self.reported.iter().map(|it| format!("reported {it:?}")));
        has.extend(self.lldp.iter().map(|it| format!("lldp {it}")));
        has
    }
}

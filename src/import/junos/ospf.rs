//! `protocols ospf` and `protocols ospf3` of Junos.

use super::Junos;
use super::statement::Statement;
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use std::collections::{BTreeMap, BTreeSet};

/// The areas of OSPF, until all statements are read.
#[derive(Debug, Default)]
pub(super) struct Areas {
    /// Those that have interfaces, of `ospf` and of `ospf6`.
    used: BTreeSet<(&'static str, String)>,
    /// The stub areas, and those that have been told the cost of their default route.
    stubs: BTreeMap<(&'static str, String), Place>,
    told: BTreeSet<(&'static str, String)>,
}

impl Junos {
    /// `protocols ospf …`, under the name it has here.
    pub(super) fn ospf(&mut self, key: &'static str, what: &[&str], statement: &Statement) {
        match *what {
            [] | ["area", _] => {}
            ["area", area, "interface", name, ref what @ ..] => {
                self.ospf_link(key, area, name, what, statement);
            }
            ["area", area, "stub", ref what @ ..] => self.area(key, area, "stub", what, statement),
            ["area", area, "nssa", ref what @ ..] => self.area(key, area, "nssa", what, statement),
            ["export", _] => self.leave_for(statement, &format!("[{key}] redistribute")),
            ["overload", ..] => self.leave_for(statement, &format!("[{key}] max-metric")),
            ["reference-bandwidth", bandwidth] => match mbits(bandwidth) {
                Some(mbits) => {
                    let (place, mbits) = (statement.place, Value::Number(mbits));
                    self.site.draft.set(&[key], "reference-bandwidth", mbits, place);
                }
                None => self.leave_for(statement, &format!("[{key}] reference-bandwidth, in Mbit/s")),
            },
            ["area", _, "area-range", ..] => self.leave_for(statement, &format!("[{key}.areas] ranges")),
            _ => self.leave(statement, Why::NotYet),
        }
    }

    /// Leaves out what this import does not translate though there are keys for it.
    pub(super) fn leave_for(&mut self, statement: &Statement, keys: &str) {
        let why = format!("this import does not translate it; {keys} says it here");
        self.leave(statement, Why::Because(why));
    }

    fn ospf_link(&mut self, key: &'static str, area: &str, name: &str, what: &[&str], statement: &Statement) {
        if name == "all" {
            return self.leave(statement, Why::NotYet);
        }
        let Some(link) = self.known_link(name, statement) else {
            return;
        };
        self.speaks_ospf = true;
        let place = statement.place;
        let (number, value) = number(area);
        self.areas.used.insert((key, number));
        self.site.draft.inner(&link.path(), key, "area", value, place);
        let (inner, value) = match *what {
            [] => return,
            ["passive", ref how @ ..] => {
                if !how.is_empty() {
                    self.leave(statement, Why::NotYet);
                }
                ("passive", true.into())
            }
            ["metric", cost] => ("cost", Value::number(cost)),
            [timer @ ("hello-interval" | "dead-interval"), seconds] => (timer, Value::number(seconds)),
            ["interface-type", "p2p"] => ("network", "point-to-point".into()),
            ["priority", priority] => ("priority", Value::number(priority)),
            ["authentication" | "authentication-key", ..] => {
                let keys =
                    format!("interfaces.NAME.{key}.auth = {{ key-id = 1, key-file = \"secrets/{key}\" }}");
                return self.leave_for(statement, &keys);
            }
            ["bfd-liveness-detection", ..] => {
                return self.leave_for(statement, &format!("interfaces.NAME.{key}.bfd"));
            }
            _ => return self.leave(statement, Why::NotYet),
        };
        self.site.draft.inner(&link.path(), key, inner, value, place);
    }

    /// `stub` and `nssa` of an area.
    fn area(
        &mut self,
        key: &'static str,
        area: &str,
        kind: &'static str,
        what: &[&str],
        statement: &Statement,
    ) {
        let place = statement.place;
        let (number, _) = number(area);
        let path = [key, "areas", number.as_str()];
        self.site.draft.set(&path, "type", kind, place);
        let id = (key, number.clone());
        let mut rest = what;
        // With braces all of them may be on one line.
        while !rest.is_empty() {
            rest = match *rest {
                ["default-lsa", ref rest @ ..] => rest,
                ["no-summaries", ref rest @ ..] => {
                    self.site.draft.set(&path, "no-summary", true, place);
                    rest
                }
                ["default-metric", cost, ref rest @ ..] if key == "ospf" => {
                    self.areas.told.insert(id.clone());
                    let cost = Value::number(cost);
                    self.site.draft.set(&path, "default-cost", cost, place);
                    rest
                }
                _ => {
                    self.leave(statement, Why::NotYet);
                    break;
                }
            };
        }
        if kind == "stub" {
            self.areas.stubs.entry(id).or_insert(place);
        }
    }

    /// Between areas, a stub area gets a default route without being told.
    pub(super) fn finish_areas(&mut self) {
        let areas = std::mem::take(&mut self.areas);
        for ((key, area), place) in areas.stubs {
            let has_others = areas.used.iter().any(|(of, other)| *of == key && *other != area);
            if has_others && !areas.told.contains(&(key, area.clone())) {
                let why =
                    "Junos announces no default route into it without a default-metric; here it gets one";
                let statement = format!("{key} area {area} stub");
                self.site
                    .draft
                    .leave(place, &statement, Why::Because(why.to_owned()));
            }
        }
    }
}

/// Bits per second, as Junos writes them, in Mbit/s; nothing where that is no whole number.
fn mbits(bandwidth: &str) -> Option<i64> {
    let end = bandwidth.trim_end_matches(['k', 'm', 'g']).len();
    let (number, unit) = bandwidth.split_at(end);
    let unit = match unit {
        "" => 1,
        "k" => 1_000,
        "m" => 1_000_000,
        "g" => 1_000_000_000,
        _ => return None,
    };
    let bits = number.parse::<i64>().ok()?.checked_mul(unit)?;
    (bits > 0 && bits % 1_000_000 == 0).then_some(bits / 1_000_000)
}

/// The number of an area, as the name of its table and as a value.
fn number(area: &str) -> (String, Value) {
    match area.parse::<std::net::Ipv4Addr>() {
        Ok(area) if u32::from(area) < 65536 => {
            let number = u32::from(area);
            (number.to_string(), Value::Number(i64::from(number)))
        }
        _ => (area.to_owned(), Value::number(area)),
    }
}

//! How many prefixes neighbours of BGP may send.

use super::Junos;
use super::bgp::Peer;
use super::session::family_of;
use super::statement::Statement;
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use indexmap::IndexMap;

/// The limit of a neighbour or a group, by family.
pub(super) type Limits = IndexMap<(Peer, &'static str), Limit>;

/// A limit, and what happens then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Limit {
    maximum: Option<String>,
    /// Without it, the session stays and a line is logged.
    tears_down: bool,
    threshold: Option<String>,
    /// How many minutes the session stays down.
    minutes: Option<String>,
    place: Place,
}

impl Limit {
    fn value(&self) -> Option<Value> {
        let mut pairs = vec![("limit".to_owned(), Value::number(self.maximum.as_ref()?))];
        let threshold = self.threshold.as_ref();
        pairs.extend(threshold.map(|part| ("threshold".to_owned(), Value::number(part))));
        if !self.tears_down {
            pairs.push(("warning-only".to_owned(), true.into()));
        }
        let minutes = self.minutes.as_ref();
        pairs.extend(minutes.map(|minutes| ("restart".to_owned(), Value::text(format!("{minutes}m")))));
        match &mut pairs[..] {
            [(_, limit)] => Some(limit.clone()),
            _ => Some(Value::Inline(pairs)),
        }
    }
}

impl Junos {
    /// `family inet unicast prefix-limit …`.
    pub(super) fn limit(&mut self, peer: &Peer, family: &'static str, what: &[&str], statement: &Statement) {
        let new = || Limit {
            maximum: None,
            tears_down: false,
            threshold: None,
            minutes: None,
            place: statement.place,
        };
        let key = (peer.clone(), family);
        let limit = self.groups.limits.entry(key).or_insert_with(new);
        let is_number = |text: &str| text.parse::<u32>().is_ok();
        let how = match *what {
            [] => return,
            ["maximum", maximum] if limit.maximum.as_deref().is_some_and(|it| it != maximum) => {
                let why = "there is one limit for a session, the one that is written first".to_owned();
                return self.leave(statement, Why::Because(why));
            }
            ["maximum", maximum] => {
                limit.maximum = Some(maximum.to_owned());
                return;
            }
            ["teardown", "limit-threshold", ref how @ ..] | ["teardown", ref how @ ..] => how,
            _ => return self.leave(statement, Why::NotYet),
        };
        limit.tears_down = true;
        let how = match *how {
            [part, ref how @ ..] if is_number(part) => {
                limit.threshold = Some(part.to_owned());
                how
            }
            ref how => how,
        };
        match *how {
            [] | ["idle-timeout"] | ["idle-timeout", "forever"] => {}
            ["idle-timeout", minutes] | ["idle-timeout", "timeout", minutes] if is_number(minutes) => {
                limit.minutes = Some(minutes.to_owned());
            }
            _ => self.leave(statement, Why::NotYet),
        }
    }

    /// Gives each neighbour the limit of its family: its group does where all of its neighbours are of one.
    pub(super) fn finish_limits(&mut self) {
        let limits = std::mem::take(&mut self.groups.limits);
        for ((peer, family), limit) in &limits {
            let Some(value) = limit.value() else {
                let why = "it has no maximum".to_owned();
                let statement = format!("family {family} unicast prefix-limit");
                self.site.draft.leave(limit.place, &statement, Why::Because(why));
                continue;
            };
            let members = self.groups.members_of(peer);
            let is_of_one = |members: &[Peer]| members.iter().all(|it| family_of(it) == Some(*family));
            if family_of(peer).is_none() && !members.is_empty() && !is_of_one(&members) {
                let without = |member: &&Peer| !limits.contains_key(&((*member).clone(), *family));
                let own = members.iter().filter(|it| family_of(it) == Some(*family));
                for member in own.filter(without) {
                    let path = member.path();
                    self.site
                        .draft
                        .set(&path, "maximum-prefix", value.clone(), limit.place);
                }
            } else if family_of(peer).is_none_or(|own| own == *family) {
                let path = peer.path();
                self.site.draft.set(&path, "maximum-prefix", value, limit.place);
            }
        }
    }
}

//! The address families that neighbours exchange routes of. FRR has most settings once for each of them, and here a neighbour
//! has those of its address's family: what a peer-group says in one family is of its neighbours of that family alone.

use super::Frr;
use super::session::{OTHER_FAMILY, Peer, Said};
use super::setting::without_host_bits;
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::policy::Family;
use crate::import::vrf::Routing;
use indexmap::IndexMap;
use std::collections::{BTreeSet, HashMap, HashSet};

const BOTH: [Family; 2] = [Family::V4, Family::V6];

/// What is settled when all lines are read.
#[derive(Debug, Default)]
pub(super) struct Families {
    /// `bgp default ipv4-unicast` and `ipv6-unicast` of each table, where it says them.
    by_default: HashMap<(Routing, Family), bool>,
    /// `activate`, with or without `no`.
    activated: IndexMap<(Peer, Family), Activation>,
    /// The peers, each with the first line about it.
    met: IndexMap<Peer, (String, Place)>,
    /// What each neighbour says itself, which counts before what its group says.
    said: HashSet<(Peer, String)>,
    /// What groups, and neighbours on an interface, say in one family.
    waiting: IndexMap<Peer, Vec<Waiting>>,
    ranges: Vec<Range>,
}

/// `activate` or `no … activate`, and where it says so.
#[derive(Debug)]
struct Activation {
    is_on: bool,
    line: String,
    place: Place,
}

/// A line about a peer that has no family by itself.
#[derive(Debug)]
struct Waiting {
    family: Family,
    what: Vec<String>,
    line: String,
    place: Place,
}

/// `bgp listen range`.
#[derive(Debug)]
struct Range {
    group: Peer,
    range: String,
    line: String,
    place: Place,
}

impl Range {
    fn family(&self) -> Family {
        match self.range.contains(':') {
            true => Family::V6,
            false => Family::V4,
        }
    }
}

/// The families that each peer exchanges routes of, and who is in each group.
#[derive(Debug, Default)]
struct Exchange {
    carried: IndexMap<Peer, BTreeSet<Family>>,
    members: HashMap<Peer, Vec<Peer>>,
}

impl Families {
    /// `[no] bgp default ipv4-unicast`.
    pub(super) fn has_by_default(&mut self, routing: &Routing, family: Family, on: bool) {
        self.by_default.insert((routing.clone(), family), on);
    }

    /// A line about a peer.
    pub(super) fn meets(&mut self, peer: &Peer, line: &str, place: Place) {
        let first = || (line.trim().to_owned(), place);
        self.met.entry(peer.clone()).or_insert_with(first);
    }

    /// `[no] neighbor PEER activate`.
    pub(super) fn activates(&mut self, peer: Peer, family: Family, is_on: bool, line: &str, place: Place) {
        let line = line.trim().to_owned();
        let activation = Activation { is_on, line, place };
        self.activated.insert((peer, family), activation);
    }

    /// A setting of a neighbour itself.
    pub(super) fn says(&mut self, peer: &Peer, what: &[&str]) {
        if !peer.is_group() {
            self.said.insert((peer.clone(), setting(what)));
        }
    }

    /// A line that waits for the families of who it is about.
    pub(super) fn waits(&mut self, peer: Peer, family: Family, said: Said<'_>) {
        let waiting = Waiting {
            family,
            what: said.what.iter().map(|word| (*word).to_owned()).collect(),
            line: said.line.trim().to_owned(),
            place: said.place,
        };
        self.says(&peer, said.what);
        self.waiting.entry(peer).or_default().push(waiting);
    }

    /// `bgp listen range RANGE peer-group GROUP`.
    pub(super) fn listens(&mut self, group: Peer, range: &str, line: &str, place: Place) {
        let (range, line) = (without_host_bits(range), line.trim().to_owned());
        self.ranges.push(Range {
            group,
            range,
            line,
            place,
        });
    }

    /// What it says of itself counts before what its group says, and that before the default.
    fn is_active(&self, peer: &Peer, group: Option<&Peer>, family: Family) -> bool {
        let said = |peer: &Peer| self.activated.get(&(peer.clone(), family)).map(|it| it.is_on);
        let by_default = || self.by_default.get(&(peer.routing.clone(), family)).copied();
        said(peer)
            .or_else(|| said(group?))
            .or_else(by_default)
            .unwrap_or(family == Family::V4)
    }

    fn carried(&self, peer: &Peer, group: Option<&Peer>) -> BTreeSet<Family> {
        let is_own = |family: &Family| peer.family().is_none_or(|own| own == *family);
        let own = BOTH.into_iter().filter(is_own);
        own.filter(|family| self.is_active(peer, group, *family))
            .collect()
    }
}

impl Exchange {
    fn of(&self, peer: &Peer) -> BTreeSet<Family> {
        self.carried.get(peer).cloned().unwrap_or_default()
    }

    fn members(&self, group: &Peer) -> &[Peer] {
        self.members.get(group).map_or(&[], Vec::as_slice)
    }
}

impl Frr {
    /// Gives each peer what is said in its families, and keeps the sessions down that have none.
    pub(super) fn finish_families(&mut self) {
        let mut families = std::mem::take(&mut self.sessions.families);
        let mut exchange = Exchange::default();
        for peer in families.met.keys().filter(|peer| !peer.is_group()) {
            let group = self.group_of(peer);
            let carried = families.carried(peer, group.as_ref());
            if let Some(announced) = self.announced.get_mut(&peer.routing) {
                announced.families.extend(&carried);
            }
            exchange.carried.insert(peer.clone(), carried);
            if let Some(group) = group {
                exchange.members.entry(group).or_default().push(peer.clone());
            }
        }
        self.leave_other_families(&families, &exchange);
        for range in std::mem::take(&mut families.ranges) {
            self.finish_range(range, &families, &mut exchange);
        }
        for (peer, waiting) in std::mem::take(&mut families.waiting) {
            let of_members = exchange.members(&peer).iter().flat_map(|it| exchange.of(it));
            let used: BTreeSet<Family> = of_members.chain(exchange.of(&peer)).collect();
            let lines: HashSet<(Family, &[String])> =
                waiting.iter().map(|it| (it.family, it.what.as_slice())).collect();
            for line in &waiting {
                let is_in = |family: &Family| lines.contains(&(*family, line.what.as_slice()));
                match used.contains(&line.family) {
                    _ if used.is_empty() || BOTH.iter().all(is_in) => self.applies(peer.clone(), line),
                    true if used.len() == 1 => self.applies(peer.clone(), line),
                    true => self.of_one_family(&peer, line, &exchange, &families.said),
                    false => {
                        let why = format!("no {} routes are exchanged by it", name(line.family));
                        self.leave(&line.line, line.place, Why::Because(why));
                    }
                }
            }
        }
        let neighbors = exchange.carried.iter().filter(|(peer, _)| !peer.is_group());
        for (peer, carried) in neighbors {
            if let Some((line, place)) = families.met.get(peer) {
                self.finish_neighbor(peer, carried, line, *place);
            }
        }
    }

    /// What a peer-group activates that a neighbour of it cannot have here.
    fn leave_other_families(&mut self, families: &Families, exchange: &Exchange) {
        for ((group, family), activation) in &families.activated {
            let has_other = |peer: &Peer| {
                let own = families.activated.get(&(peer.clone(), *family));
                peer.family().is_some_and(|of| of != *family) && own.is_none_or(|own| own.is_on)
            };
            let calls = |range: &Range| range.group == *group && range.family() != *family;
            let is_lost = exchange.members(group).iter().any(has_other) || families.ranges.iter().any(calls);
            if activation.is_on && is_lost {
                let why = Why::Because(OTHER_FAMILY.to_owned());
                self.leave(&activation.line, activation.place, why);
            }
        }
    }

    /// The peer-group of a neighbour.
    fn group_of(&self, peer: &Peer) -> Option<Peer> {
        match self.site.draft.find(&peer.path())?.value("peer-group")? {
            Value::Text(group) => Some(Peer::group(peer.routing.clone(), group.clone())),
            _ => None,
        }
    }

    fn finish_range(&mut self, range: Range, families: &Families, exchange: &mut Exchange) {
        let family = range.family();
        let Range {
            group,
            range,
            line,
            place,
        } = range;
        if !families.is_active(&group, None, family) {
            let why = format!(
                "its peer-group is not activated for {} routes: who calls would exchange none",
                name(family)
            );
            return self.leave(&line, place, Why::Because(why));
        }
        let path = group.routing.path(&["bgp", "listen-ranges", &range]);
        self.site
            .draft
            .set(&path, "peer-group", group.name.as_str(), place);
        exchange.carried.entry(group).or_default().insert(family);
    }

    /// What is said in one of two families that are used: each neighbour of it has it itself.
    fn of_one_family(
        &mut self,
        peer: &Peer,
        line: &Waiting,
        exchange: &Exchange,
        said: &HashSet<(Peer, String)>,
    ) {
        let words: Vec<&str> = line.what.iter().map(String::as_str).collect();
        let is_said = |member: &Peer| said.contains(&(member.clone(), setting(&words)));
        let alone = BTreeSet::from([line.family]);
        let of_family = exchange.members(peer).iter().filter(|member| !is_said(member));
        let (own, others): (Vec<&Peer>, Vec<&Peer>) = of_family
            .filter(|member| exchange.of(member).contains(&line.family))
            .partition(|member| exchange.of(member) == alone);
        for member in &own {
            self.applies((*member).clone(), line);
        }
        // A neighbour on an interface, or whoever calls from a range.
        let is_itself = exchange.of(peer).contains(&line.family);
        if is_itself || !others.is_empty() {
            let why = format!(
                "it is for {} routes alone, and here it would be for those of the other family too",
                name(line.family)
            );
            self.leave(&line.line, line.place, Why::Because(why));
        }
    }

    fn applies(&mut self, peer: Peer, line: &Waiting) {
        let words: Vec<&str> = line.what.iter().map(String::as_str).collect();
        let said = Said {
            family: Some(line.family),
            what: &words,
            line: &line.line,
            place: line.place,
        };
        match words.strip_prefix(&["no"]) {
            Some(what) => self.not_of_peer(peer, Said { what, ..said }),
            None => self.of_peer(peer, said),
        }
    }

    fn finish_neighbor(&mut self, peer: &Peer, carried: &BTreeSet<Family>, line: &str, place: Place) {
        let why = match carried.first() {
            // FRR has no session without a family.
            None => {
                let table = self.site.draft.table(&peer.path(), place);
                if table.has("shutdown") {
                    return;
                }
                let _ = table.set("shutdown", true, place);
                "no address family that it can have here is activated for it: shutdown = true keeps it down"
                    .to_owned()
            }
            Some(family) if carried.len() == 1 && peer.family().is_none() => format!(
                "a neighbour on an interface exchanges routes of both families here, and this one is activated for {} alone",
                name(*family)
            ),
            Some(_) => return,
        };
        self.leave(line, place, Why::Because(why));
    }
}

/// Whether FRR has such a setting once for each family.
pub(super) fn is_of_family(what: &[&str]) -> bool {
    let Some(first) = what.first() else { return false };
    first.starts_with("addpath-")
        || [
            "activate",
            "advertise-map",
            "allowas-in",
            "as-override",
            "attribute-unchanged",
            "default-originate",
            "distribute-list",
            "filter-list",
            "maximum-prefix",
            "maximum-prefix-out",
            "next-hop-self",
            "prefix-list",
            "remove-private-AS",
            "route-map",
            "route-reflector-client",
            "route-server-client",
            "send-community",
            "soft-reconfiguration",
            "soo",
            "unsuppress-map",
            "weight",
        ]
        .contains(first)
}

/// What a line is about: a neighbour has that once in a family.
fn setting(what: &[&str]) -> String {
    match *what {
        ["no", ref what @ ..] => setting(what),
        [
            filter @ ("route-map" | "prefix-list" | "filter-list" | "distribute-list"),
            _,
            way,
        ] => {
            format!("{filter} {way}")
        }
        [first, ..] if first.starts_with("addpath-") => "addpath".to_owned(),
        [first, ..] => first.to_owned(),
        [] => String::new(),
    }
}

fn name(family: Family) -> &'static str {
    match family {
        Family::V4 => "IPv4",
        Family::V6 => "IPv6",
    }
}

//! What route-maps let through: what can be told of them without a single route.

use crate::config::check::Checking;
use crate::config::code::{E0328, E0374, E0375, E0376, E0377, E0378, E0389};
use crate::config::diag::Diagnostic;
use crate::config::keys::{Field, Path};
use crate::config::routing::policy::{Action, PrefixList, PrefixRule};
use crate::config::routing::raw::{BgpRaw, OspfRaw, RouteMapEntryRaw, RouteMapsRaw, SessionRaw};
use crate::config::routing::reach::{Announced, permitted};
use crate::config::source::{Located, Span};
use crate::types::{Asn, PolicyName};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

/// An address family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Family {
    V4,
    V6,
}

const FAMILIES: [Family; 2] = [Family::V4, Family::V6];

impl Family {
    fn of(addr: IpAddr) -> Self {
        if addr.is_ipv4() { Self::V4 } else { Self::V6 }
    }

    fn name(self) -> &'static str {
        match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        }
    }
}

/// The tables the checks read. What `extra-file` adds to a map or a list is not known: such a one is never reported.
pub(in crate::config) struct Policy<'r> {
    lists: &'r BTreeMap<PolicyName, PrefixList>,
    maps: BTreeMap<&'r PolicyName, (Span, &'r [Located<RouteMapEntryRaw>])>,
    /// The maps and lists that `extra-file` defines too.
    open_maps: BTreeSet<&'r PolicyName>,
    open_lists: BTreeSet<&'r PolicyName>,
}

/// A neighbour with the maps of both directions, its own or its group's.
struct Session<'r> {
    addr: IpAddr,
    remote_as: Option<Asn>,
    import: Option<Located<&'r PolicyName>>,
    export: Option<Located<&'r PolicyName>>,
}

impl<'r> Policy<'r> {
    /// The tables as they were written, with the lists they became.
    pub(in crate::config) fn new(
        maps: &'r Field<RouteMapsRaw>,
        lists: &'r BTreeMap<PolicyName, PrefixList>,
        cx: &Checking<'r>,
    ) -> Self {
        let maps = maps.entries().iter();
        let maps = maps.map(|(name, list)| (&name.value, (name.span, list.value.0.as_slice())));
        Self {
            lists,
            maps: maps.collect(),
            open_maps: cx.index.route_maps.defined_in_extra.keys().collect(),
            open_lists: cx.index.prefix_lists.defined_in_extra.keys().collect(),
        }
    }

    /// Everything that can be told of the maps alone, and of who uses them.
    pub(in crate::config) fn check(&self, bgp: Option<&BgpRaw>, cx: &mut Checking<'_>) {
        for (name, (_, entries)) in &self.maps {
            self.every_entry_is_reached(name, entries, cx);
        }
        // What a refused part means is not known.
        if cx.found.errors() > 0 {
            return;
        }
        self.every_list_permits_something(cx);
        let Some(bgp) = bgp else { return };
        let sessions = sessions(bgp);
        self.maps_are_of_the_family(&sessions, cx);
        self.networks_are_let_out(bgp, &sessions, cx);
        self.transits_stay_apart(bgp, &sessions, cx);
    }

    /// The list of an entry, when all of it is known.
    fn list(&self, entry: &RouteMapEntryRaw) -> Option<&'r PrefixList> {
        let name = entry.matches.get()?.prefix_list.get()?;
        let known = !self.open_lists.contains(name);
        self.lists.get(name).filter(|_| known)
    }

    /// Whether the entry can match a route of the family.
    fn can_match(&self, entry: &RouteMapEntryRaw, family: Family) -> bool {
        self.list(entry).is_none_or(|list| match family {
            Family::V4 => list.v4.iter().any(|rule| rule.action == Action::Permit),
            Family::V6 => list.v6.iter().any(|rule| rule.action == Action::Permit),
        })
    }

    /// Whether the entry matches every route of the family.
    fn matches_all(&self, entry: &RouteMapEntryRaw, family: Family) -> bool {
        let Some(matches) = entry.matches.get() else {
            return !entry.matches.is_written();
        };
        if !matches.prefix_list.is_written() {
            return matches.keys().all(|(_, span)| span.is_none());
        }
        let alone = matches.keys().filter(|(_, span)| span.is_some()).count() == 1;
        alone
            && self.list(entry).is_some_and(|list| match family {
                Family::V4 => list
                    .v4
                    .first()
                    .is_some_and(|rule| is_any(rule, rule.prefix.prefix_len(), 32)),
                Family::V6 => list
                    .v6
                    .first()
                    .is_some_and(|rule| is_any(rule, rule.prefix.prefix_len(), 128)),
            })
    }

    fn every_entry_is_reached(
        &self,
        name: &PolicyName,
        entries: &[Located<RouteMapEntryRaw>],
        cx: &mut Checking<'_>,
    ) {
        let path = Path::of(&["route-maps", name.as_ref()]);
        let mut taken: BTreeMap<Family, (Span, bool)> = BTreeMap::new();
        for (number, entry) in entries.iter().enumerate() {
            let possible = FAMILIES.map(|family| (family, self.has_members(&entry.value, family)));
            let mut families = possible.iter().filter(|(_, has)| *has).map(|(family, _)| family);
            let first = families
                .clone()
                .next()
                .and_then(|family| taken.get(family))
                .copied();
            if let (Some((first, listed)), true) = (first, families.all(|family| taken.contains_key(family)))
            {
                let message = format!("'{path}[{number}]' is never reached");
                cx.report(Diagnostic::warning(E0328, entry.span, message).also(
                    first,
                    match listed {
                        true => "this entry's prefix-list permits every route",
                        false => "this entry has no match: it takes every route",
                    },
                ));
            }
            for family in FAMILIES
                .iter()
                .filter(|family| self.matches_all(&entry.value, **family))
            {
                let listed = entry
                    .value
                    .matches
                    .get()
                    .is_some_and(|m| m.prefix_list.is_written());
                taken.entry(*family).or_insert((entry.span, listed));
            }
        }
    }

    /// Whether the entry is written for the family at all.
    fn has_members(&self, entry: &RouteMapEntryRaw, family: Family) -> bool {
        self.list(entry).is_none_or(|list| match family {
            Family::V4 => !list.v4.is_empty(),
            Family::V6 => !list.v6.is_empty(),
        })
    }

    /// A list of `deny` members alone matches nothing: an entry over it is skipped, not a filter.
    fn every_list_permits_something(&self, cx: &mut Checking<'_>) {
        let index = cx.index;
        let mut seen = BTreeSet::new();
        for used in &index.prefix_lists.used {
            let known = !self.open_lists.contains(&used.value) && seen.insert(&used.value);
            let Some(list) = self.lists.get(&used.value).filter(|_| known) else {
                continue;
            };
            let v4 = list.v4.iter().map(|rule| rule.action);
            let mut actions = v4.chain(list.v6.iter().map(|rule| rule.action));
            if actions.any(|action| action == Action::Permit) {
                continue;
            }
            let message = format!(
                "the prefix-list '{}' permits nothing, so nothing matches it",
                used.value
            );
            let warning = Diagnostic::warning(E0374, used.span, message);
            let warning = match index.prefix_lists.defined.get(&used.value) {
                Some(place) => warning.also(*place, "every member is a deny"),
                None => warning,
            };
            cx.report(warning.hint(
                "to drop these prefixes, write them without `deny` and match the list in a deny entry",
            ));
        }
    }

    /// A map lets routes of the neighbour's family through, and what it sets is of that family.
    fn maps_are_of_the_family(&self, sessions: &[Session<'_>], cx: &mut Checking<'_>) {
        let mut seen = BTreeSet::new();
        for session in sessions {
            let family = Family::of(session.addr);
            for (used, verb) in [
                (session.import, "accepted from"),
                (session.export, "announced to"),
            ] {
                let Some(used) = used.filter(|used| seen.insert((family, used.value))) else {
                    continue;
                };
                let Some((place, entries)) = self.known(used.value) else {
                    continue;
                };
                let permits =
                    |entry: &&Located<RouteMapEntryRaw>| entry.value.action.value() == Some(Action::Permit);
                let mut permitting = entries.iter().filter(permits).peekable();
                let some = permitting.peek().is_some();
                if some && !permitting.any(|entry| self.can_match(&entry.value, family)) {
                    let message = format!(
                        "the route-map '{}' lets no {} route through",
                        used.value,
                        family.name()
                    );
                    cx.report(
                        Diagnostic::warning(E0375, used.span, message)
                            .label(format!("nothing is {verb} {}", session.addr))
                            .also(place, "its prefix-lists are of the other family"),
                    );
                }
                for entry in entries.iter().filter(permits) {
                    self.next_hop_is_of_the_family(&entry.value, family, used, cx);
                }
            }
        }
    }

    fn next_hop_is_of_the_family(
        &self,
        entry: &RouteMapEntryRaw,
        family: Family,
        used: Located<&PolicyName>,
        cx: &mut Checking<'_>,
    ) {
        let next_hop = entry.set.get().and_then(|set| set.next_hop.copied());
        let Some(next_hop) = next_hop.filter(|hop| Family::of(hop.value.get()) != family) else {
            return;
        };
        // An entry over a list of the next hop's own family is not asked about the other.
        if self.has_members(entry, family) && self.can_match(entry, family) {
            let message = format!(
                "the next hop {} is not set on {} routes",
                next_hop.value,
                family.name()
            );
            cx.report(
                Diagnostic::warning(E0376, next_hop.span, message)
                    .label("they pass with the next hop they have")
                    .also(used.span, format!("the map is used for {} here", family.name()))
                    .hint(format!(
                        "write an entry for each family, this one with a prefix-list of {} members",
                        match family {
                            Family::V4 => Family::V6.name(),
                            Family::V6 => Family::V4.name(),
                        }
                    )),
            );
        }
    }

    /// A map with its place, when all of it is known.
    fn known(&self, name: &PolicyName) -> Option<(Span, &'r [Located<RouteMapEntryRaw>])> {
        let known = !self.open_maps.contains(name);
        self.maps.get(name).copied().filter(|_| known)
    }

    /// What `networks` announces passes the out map of one neighbour at least.
    fn networks_are_let_out(&self, bgp: &BgpRaw, sessions: &[Session<'_>], cx: &mut Checking<'_>) {
        let networks = Announced::new(bgp.networks.items());
        let mut decided: HashMap<&PolicyName, Vec<bool>> = HashMap::new();
        for (number, network) in bgp.networks.items().iter().enumerate() {
            let family = Family::of(network.value.net().addr());
            let mut of_family = sessions
                .iter()
                .filter(|s| Family::of(s.addr) == family)
                .peekable();
            let Some(first) = of_family.peek().and_then(|session| session.export) else {
                continue;
            };
            let passes = |session: &Session<'_>, decided: &mut HashMap<&'r PolicyName, Vec<bool>>| {
                let known = session.export.and_then(|map| self.known(map.value));
                known.is_none_or(|(_, entries)| self.passes(entries, family, number, &networks, decided))
            };
            if !of_family.any(|session| passes(session, &mut decided)) {
                let message = format!("no neighbour is sent {}", network.value);
                cx.report(
                    Diagnostic::warning(E0377, network.span, message)
                        .label("no out route-map lets it through")
                        .also(first.span, "an out route-map")
                        .hint("add it to the prefix-list of an out route-map, or remove it from networks"),
                );
            }
        }
    }

    /// Whether a network of ours, which has no communities, passes the map; a tag may be any.
    fn passes(
        &self,
        entries: &[Located<RouteMapEntryRaw>],
        family: Family,
        number: usize,
        networks: &Announced,
        decided: &mut HashMap<&'r PolicyName, Vec<bool>>,
    ) -> bool {
        for entry in entries {
            let permits = entry.value.action.value() != Some(Action::Deny);
            let matches = entry.value.matches.get();
            if matches.is_some_and(|m| m.community_list.is_written()) {
                continue;
            }
            let tagged = matches.is_some_and(|m| m.tag.is_written());
            let listed = match matches.and_then(|m| m.prefix_list.get()) {
                None => true,
                Some(name) => match self.lists.get_key_value(name) {
                    Some((name, list)) if !self.open_lists.contains(name) => {
                        let decided = decided.entry(name).or_insert_with(|| permitted(list, networks));
                        self.has_members(&entry.value, family) && decided.get(number).copied().unwrap_or(true)
                    }
                    _ => return true,
                },
            };
            if listed && (permits || !tagged) {
                return permits;
            }
        }
        false
    }

    /// What one transit sends is not announced to another: both would send their traffic through this router.
    fn transits_stay_apart(&self, bgp: &BgpRaw, sessions: &[Session<'_>], cx: &mut Checking<'_>) {
        let Some(own) = bgp.asn.value().filter(|asn| !is_private(*asn)) else {
            return;
        };
        let mut first: BTreeMap<Family, &Session<'_>> = BTreeMap::new();
        for session in sessions {
            let family = Family::of(session.addr);
            let public = session
                .remote_as
                .is_some_and(|asn| asn != own && !is_private(asn));
            let (Some(import), Some(export)) = (session.import, session.export) else {
                continue;
            };
            let open = |map: Located<&PolicyName>| {
                self.known(map.value)
                    .is_some_and(|(_, entries)| self.lets_all_pass(entries, family))
            };
            if !public || !open(import) || !open(export) {
                continue;
            }
            let other = *first.entry(family).or_insert(session);
            if other.remote_as == session.remote_as {
                continue;
            }
            let message = format!(
                "everything from {} is announced to {}",
                name(other),
                name(session)
            );
            let warning =
                Diagnostic::warning(E0378, export.span, message).label("this map lets every route out");
            let warning = match other.import.filter(|map| map.span != export.span) {
                Some(map) => warning.also(map.span, "everything is accepted here"),
                None => warning,
            };
            cx.report(
                warning.hint(
                    "let out what is yours and your customers': match a prefix-list or a community-list",
                ),
            );
        }
    }

    /// Whether every route of the family passes, but for prefixes that are dropped everywhere.
    fn lets_all_pass(&self, entries: &[Located<RouteMapEntryRaw>], family: Family) -> bool {
        let filters = |entry: &RouteMapEntryRaw| {
            let matches = entry.matches.get();
            matches.is_some_and(|m| m.community_list.is_written() || m.tag.is_written())
        };
        let permits = |entry: &RouteMapEntryRaw| entry.action.value() == Some(Action::Permit);
        let all = entries
            .iter()
            .position(|entry| self.matches_all(&entry.value, family));
        all.is_some_and(|at| {
            let before = entries[..at].iter();
            permits(&entries[at].value) && !before.clone().any(|e| filters(&e.value) && !permits(&e.value))
        })
    }

    /// ospfd and ospf6d know no communities: an entry of theirs without its condition matches every route.
    pub(in crate::config) fn suits_ospf(&self, ospf: Option<&OspfRaw>, cx: &mut Checking<'_>) {
        let items = ospf.map_or(&[][..], |ospf| ospf.redistribute.items());
        for map in items.iter().filter_map(|item| item.value.route_map()) {
            let (_, entries) = self.maps.get(map.value).copied().unwrap_or((map.span, &[]));
            let matches = entries.iter().filter_map(|entry| entry.value.matches.get());
            if let Some(place) = matches.filter_map(|m| m.community_list.span()).next() {
                cx.report(
                    Diagnostic::error(E0389, place, "OSPF cannot match a community")
                        .label("without this condition the entry takes every route")
                        .also(map.span, "the map is used here")
                        .hint("match a prefix-list or a tag"),
                );
            }
        }
    }
}

fn is_any<N>(rule: &PrefixRule<N>, length: u8, width: u8) -> bool {
    rule.action == Action::Permit && length == 0 && rule.ge == 0 && rule.le == width
}

/// AS numbers for use inside a network (RFC 6996): fabrics and labs, where every route may go everywhere.
fn is_private(asn: Asn) -> bool {
    matches!(asn.get(), 64_512..=65_534 | 4_200_000_000..=4_294_967_294)
}

fn name(session: &Session<'_>) -> String {
    match session.remote_as {
        Some(asn) => format!("AS {asn} ({})", session.addr),
        None => session.addr.to_string(),
    }
}

fn sessions(bgp: &BgpRaw) -> Vec<Session<'_>> {
    let groups = bgp.peer_groups.entries().iter();
    let groups: BTreeMap<&PolicyName, &SessionRaw> = groups.map(|(n, g)| (&n.value, &g.value)).collect();
    let neighbors = bgp.neighbors.entries().iter();
    neighbors
        .map(|(addr, table)| {
            let group = table
                .value
                .peer_group
                .get()
                .and_then(|name| groups.get(name).copied());
            let (addr, both) = (addr.value.get(), [Some(&table.value.session), group]);
            let both = || both.into_iter().flatten();
            Session {
                addr,
                remote_as: both().find_map(|s| s.remote_as.value()),
                import: both().find_map(|s| s.route_map.get()?.import.located()),
                export: both().find_map(|s| s.route_map.get()?.export.located()),
            }
        })
        .collect()
}

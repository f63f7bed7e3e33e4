//! Route-maps and the neighbours that use them: what is let in and out.

use super::bgp::Both;
use super::policy::{FAMILIES, Family, Policy, permits};
use crate::config::check::Checking;
use crate::config::code::{E0373, E0376, E0377, E0378};
use crate::config::diag::Diagnostic;
use crate::config::routing::ospf::Redistribute;
use crate::config::routing::policy::Action;
use crate::config::routing::raw::{BgpInstanceRaw, BgpOf, MatchRoutesRaw, OspfRaw, RouteMapEntryRaw};
use crate::config::routing::reach::{Announced, permitted};
use crate::config::source::Located;
use crate::types::{Asn, HostAddr, PeerName, PolicyName, Prefix};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A neighbour in a family it carries, with the maps of both directions, its own or its group's.
struct Session<'r> {
    peer: &'r PeerName,
    family: Family,
    /// The AS, when it is said by its number.
    remote_as: Option<Asn>,
    /// Whether a list beside the maps lets through less than they do.
    is_filtered: bool,
    import: Option<Located<&'r PolicyName>>,
    export: Option<Located<&'r PolicyName>>,
}

impl<'r> Policy<'r> {
    /// What the maps of each neighbour let through, against what it is for.
    pub(super) fn sessions_exchange_what_is_meant(
        &self,
        bgp: BgpOf<'_>,
        ospf: [Option<&OspfRaw>; 2],
        cx: &mut Checking<'_>,
    ) {
        let sessions = sessions(bgp);
        self.maps_are_of_the_family(&sessions, cx);
        self.routes_of_each_family_are_used(bgp.raw, &sessions, cx);
        self.networks_are_let_out(bgp.raw, &sessions, cx);
        self.transits_stay_apart(bgp, &sessions, cx);
        for (family, ospf) in FAMILIES.into_iter().zip(ospf) {
            self.tables_stay_out_of_ospf(bgp, ospf, family, &sessions, cx);
        }
    }

    /// A map lets routes of the neighbour's family through, and what it sets is of that family.
    fn maps_are_of_the_family(&self, sessions: &[Session<'_>], cx: &mut Checking<'_>) {
        let mut seen = BTreeSet::new();
        for session in sessions {
            let family = session.family;
            for (used, verb) in [
                (session.import, "accepted from"),
                (session.export, "announced to"),
            ] {
                let Some(used) = used.filter(|used| seen.insert((family, used.value))) else {
                    continue;
                };
                let Some((_, entries)) = self.known(used.value) else {
                    continue;
                };
                self.lets_a_route_through(used, family, format!("nothing is {verb} {}", session.peer), cx);
                for entry in entries.iter().map(|entry| &entry.value).filter(permits) {
                    self.next_hop_is_of_the_family(entry, family, used, cx);
                }
            }
        }
    }

    /// A `table-map` is asked about the routes of every family that a neighbour carries.
    fn routes_of_each_family_are_used(
        &self,
        bgp: &BgpInstanceRaw,
        sessions: &[Session<'_>],
        cx: &mut Checking<'_>,
    ) {
        let Some(used) = bgp.table_map.located() else {
            return;
        };
        let carried = |family: &&Family| sessions.iter().any(|session| session.family == **family);
        for family in FAMILIES.iter().filter(carried) {
            self.lets_a_route_through(used, *family, "no route of BGP is used".to_owned(), cx);
        }
    }

    fn next_hop_is_of_the_family(
        &self,
        entry: &RouteMapEntryRaw,
        family: Family,
        used: Located<&PolicyName>,
        cx: &mut Checking<'_>,
    ) {
        let next_hops = entry.set.get().map_or(&[][..], |set| set.next_hop.items());
        let is_own = |hop: &&Located<HostAddr>| Family::of(hop.value.get()) == family;
        let (None, Some(next_hop)) = (next_hops.iter().find(is_own), next_hops.first()) else {
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
                        "write one for each family, `next-hop = [\"{}\", \"{}\"]`, or an entry for each family over a prefix-list of it",
                        next_hop.value,
                        match family {
                            Family::V4 => "192.0.2.9",
                            Family::V6 => "2001:db8::9",
                        }
                    )),
            );
        }
    }

    /// What `networks` announces passes the out map of one neighbour at least, or an aggregate that holds it does.
    fn networks_are_let_out(&self, bgp: &BgpInstanceRaw, sessions: &[Session<'_>], cx: &mut Checking<'_>) {
        // A neighbour of `extra-file` may be sent it.
        if cx.index.neighbors_in_extra {
            return;
        }
        let aggregates = bgp.aggregates.entries().iter();
        let aggregates = aggregates.map(|(prefix, table)| Located {
            value: prefix.value,
            span: table.span,
        });
        let all: Vec<Located<Prefix>> = bgp.networks.items().iter().copied().chain(aggregates).collect();
        let networks = Announced::new(&all);
        let mut decided: HashMap<&PolicyName, Vec<bool>> = HashMap::new();
        for (number, network) in bgp.networks.items().iter().enumerate() {
            let family = Family::of(network.value.net().addr());
            let mut of_family = sessions.iter().filter(|s| s.family == family).peekable();
            if of_family.peek().is_none() && !sessions.is_empty() {
                cx.report(no_session_carries(*network, family));
            }
            let Some(first) = of_family.peek().and_then(|session| session.export) else {
                continue;
            };
            let passes = |session: &Session<'_>, number, decided: &mut HashMap<&'r PolicyName, Vec<bool>>| {
                let known = session.export.and_then(|map| self.known(map.value));
                known.is_none_or(|(_, entries)| self.passes(entries, family, number, &networks, decided))
            };
            let aggregates = (bgp.networks.items().len()..).zip(&all[bgp.networks.items().len()..]);
            let holds = aggregates.filter(|(_, aggregate)| aggregate.value.contains(network.value));
            let numbers: Vec<usize> = std::iter::once(number).chain(holds.map(|(it, _)| it)).collect();
            if !of_family.any(|session| numbers.iter().any(|it| passes(session, *it, &mut decided))) {
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

    /// Whether a network of ours, which has no communities, passes the map; a tag and the like may be any.
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
            if matches.is_some_and(|m| m.community_list.is_written() || m.large_community_list.is_written()) {
                continue;
            }
            // Of what else is asked only the routes know, and so do the entries behind and the maps that are called.
            let tagged = matches.is_some_and(asks_more_than_the_prefix) || entry.value.call.is_written();
            let permits = permits || entry.value.then.is_written();
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
    fn transits_stay_apart(&self, bgp: BgpOf<'_>, sessions: &[Session<'_>], cx: &mut Checking<'_>) {
        let Some(own) = bgp.asn.map(|own| own.value).filter(|asn| !is_private(*asn)) else {
            return;
        };
        let mut first: BTreeMap<Family, &Session<'_>> = BTreeMap::new();
        for session in sessions {
            let family = session.family;
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
            if !public || session.is_filtered || !open(import) || !open(export) {
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

    /// A full table does not get into OSPF by a map that lets all of it pass.
    fn tables_stay_out_of_ospf(
        &self,
        bgp: BgpOf<'_>,
        ospf: Option<&OspfRaw>,
        family: Family,
        sessions: &[Session<'_>],
        cx: &mut Checking<'_>,
    ) {
        let items = ospf.map_or(&[][..], OspfRaw::redistributed);
        let mut of_bgp = items.iter().filter(|it| it.value.source == Redistribute::Bgp);
        let Some(map) = of_bgp.find_map(|item| item.value.route_map()) else {
            return;
        };
        let open = |name: &PolicyName| {
            self.known(name)
                .is_some_and(|(_, entries)| self.lets_all_pass(entries, family))
        };
        let full = |session: &&Session<'_>| {
            let public = session
                .remote_as
                .is_some_and(|asn| Some(asn) != bgp.asn.map(|own| own.value) && !is_private(asn));
            public
                && !session.is_filtered
                && session.family == family
                && session.import.is_some_and(|map| open(map.value))
        };
        let Some(session) = sessions.iter().find(full).filter(|_| open(map.value)) else {
            return;
        };
        let message = format!("everything from {} would go into OSPF", name(session));
        let warning = Diagnostic::warning(E0373, map.span, message).label("this map lets every route pass");
        let warning = match session.import.filter(|import| import.span != map.span) {
            Some(import) => warning.also(import.span, "everything is accepted here"),
            None => warning,
        };
        cx.report(warning.hint("match a prefix-list of what OSPF needs, such as the default route"));
    }

    /// Whether every route of the family passes, but for prefixes that are dropped everywhere.
    fn lets_all_pass(&self, entries: &[Located<RouteMapEntryRaw>], family: Family) -> bool {
        let filters = |entry: &RouteMapEntryRaw| {
            entry.matches.get().is_some_and(asks_more_than_the_prefix) || entry.call.is_written()
        };
        let permits = |entry: &RouteMapEntryRaw| {
            let goes_on = entry.call.is_written() || entry.then.is_written();
            entry.action.value() == Some(Action::Permit) && !goes_on
        };
        let all = entries
            .iter()
            .position(|entry| self.matches_all(&entry.value, family));
        all.is_some_and(|at| {
            let before = entries[..at].iter();
            permits(&entries[at].value) && !before.clone().any(|e| filters(&e.value) && !permits(&e.value))
        })
    }
}

/// Whether it matches anything beside a prefix-list.
fn asks_more_than_the_prefix(matches: &MatchRoutesRaw) -> bool {
    let mut keys = matches.keys();
    keys.any(|(key, span)| span.is_some() && key.name != "prefix-list")
}

/// AS numbers for use inside a network (RFC 6996): fabrics and labs, where every route may go everywhere.
fn is_private(asn: Asn) -> bool {
    matches!(asn.get(), 64_512..=65_534 | 4_200_000_000..=4_294_967_294)
}

fn name(session: &Session<'_>) -> String {
    match session.remote_as {
        Some(asn) => format!("AS {asn} ({})", session.peer),
        None => session.peer.to_string(),
    }
}

fn no_session_carries(network: Located<Prefix>, family: Family) -> Diagnostic {
    let message = format!("no neighbour is sent {}", network.value);
    let family = family.name();
    Diagnostic::warning(E0377, network.span, message)
        .label(format!("no BGP session carries {family}"))
        .hint(format!(
            "add a neighbour with an {family} address, or remove it from networks"
        ))
}

fn sessions(bgp: BgpOf<'_>) -> Vec<Session<'_>> {
    let own = bgp.asn.map(|own| own.value);
    let mut sessions = Vec::new();
    for both in Both::all(bgp.raw) {
        let peer = both.peer.value;
        let both = || both.sessions();
        let extended = both().any(|s| s.extended_nexthop.is_on());
        for family in carried(peer, extended) {
            sessions.push(Session {
                peer,
                family,
                remote_as: both()
                    .find_map(|s| s.remote_as.value())
                    .and_then(|remote_as| remote_as.number(own?)),
                is_filtered: both().any(|s| s.prefix_list.is_written() || s.as_path_list.is_written()),
                import: both().find_map(|s| s.route_map.get()?.import.located()),
                export: both().find_map(|s| s.route_map.get()?.export.located()),
            });
        }
    }
    sessions
}

/// The families of a neighbour: that of its address; both on an interface, or where IPv4 may have IPv6 next hops.
pub(super) fn carried(peer: &PeerName, extended: bool) -> impl Iterator<Item = Family> {
    let own = peer.address().map(Family::of);
    FAMILIES.into_iter().filter(move |family| match own {
        None => true,
        Some(Family::V6) if extended => true,
        Some(own) => own == *family,
    })
}

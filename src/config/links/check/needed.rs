//! What an ACL keeps out that this router itself needs.

use super::arrival::{Arrival, Arrivals, Link};
use super::packet::{OSPF, Packet, beside, link_local};
use crate::config::code::E0835;
use crate::config::diag::{Diagnostic, Findings};
use crate::config::index::{Address, Index};
use crate::config::links::acl::{Acl, AclAction};
use crate::config::routing::check::bgp::Both;
use crate::config::routing::raw::BgpOf;
use crate::config::source::Span;
use crate::types::{PeerName, PolicyName, Prefix};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;

/// What an ACL keeps out that this router needs: nothing tells of it but sessions that never come up.
pub(in crate::config) fn acls_let_in_what_is_needed(
    acls: &BTreeMap<PolicyName, Acl>,
    instances: &[(BgpOf<'_>, &Index)],
    index: &Index,
    found: &mut Findings,
) {
    if index.traffic.filtered.is_empty() || found.errors() > 0 {
        return;
    }
    let mut addresses: HashMap<&str, Vec<&Address>> = HashMap::new();
    for address in index.tables().flat_map(|table| &table.addresses) {
        addresses
            .entry(address.interface.as_str())
            .or_default()
            .push(address);
    }
    let neighbors = neighbors(instances);
    let arrivals = Arrivals::new(index, &addresses);
    let ospf = [&index.ospf, &index.ospf6]
        .map(|uses| uses.iter().map(|it| it.value.as_str()).collect::<HashSet<&str>>());
    for (name, used) in &index.traffic.filtered {
        let Some(acl) = acls.get(&used.value) else {
            continue;
        };
        let own = addresses.get(name.as_str()).map_or(&[][..], Vec::as_slice);
        let of_it = neighbors.get(name.as_str()).map_or(&[][..], Vec::as_slice);
        let link = Link {
            name,
            own,
            neighbors: of_it,
        };
        let mut lacks = families_lacking(acl, own);
        if lacks.is_empty() {
            lacks.extend(sessions_lacking(acl, of_it));
            lacks.extend(discovery_lacking(acl, own));
        }
        for (is_v4, ospf) in [true, false].into_iter().zip(&ospf) {
            if ospf.contains(name.as_str()) {
                lacks.extend(adjacencies_lacking(acl, own, is_v4));
            }
        }
        lacks.extend(arrivals_lacking(acl, &link, &arrivals));
        for lack in lacks {
            let message = format!("the ACL '{}' drops {}", used.value, lack.what);
            let warning = Diagnostic::warning(E0835, used.span, message);
            let warning = warning.label(format!("of what '{name}' receives"));
            let warning = match lack.because {
                Some((place, why)) => warning.also(place, why),
                None => warning,
            };
            found.report(match lack.hint {
                Some(hint) => warning.hint(hint),
                None => warning,
            });
        }
    }
}

/// A neighbour of BGP on an interface.
#[derive(Debug, Clone, Copy)]
pub(super) struct Neighbor<'r> {
    pub(super) peer: &'r PeerName,
    /// Its address and this router's on the link; none of a neighbour that is known by the interface.
    pub(super) ends: Option<(IpAddr, IpAddr)>,
    /// Where it is monitored by BFD.
    pub(super) bfd: Option<Span>,
    /// Where it is written.
    pub(super) place: Span,
}

/// The neighbours on the links of interfaces. Others may send from anywhere.
fn neighbors<'r>(instances: &'r [(BgpOf<'r>, &'r Index)]) -> HashMap<&'r str, Vec<Neighbor<'r>>> {
    let mut neighbors: HashMap<&str, Vec<Neighbor<'r>>> = HashMap::new();
    for (bgp, table) in instances {
        for both in Both::all(bgp.raw) {
            let bfd = both.sessions().find_map(|session| session.bfd.located());
            let neighbor = |ends| Neighbor {
                peer: both.peer.value,
                ends,
                bfd: bfd.filter(|it| it.value.is_on()).map(|it| it.span),
                place: both.peer.span,
            };
            if let PeerName::Interface(name) = both.peer.value {
                neighbors.entry(name).or_default().push(neighbor(None));
            }
            let Some(peer) = both.peer.value.address() else {
                continue;
            };
            for own in table.neighbors_of(peer) {
                let of_it = neighbors.entry(own.interface.as_str()).or_default();
                of_it.push(neighbor(Some((peer, own.addr.addr()))));
            }
        }
    }
    neighbors
}

/// What is kept out, what of the documents needs it, and what to do.
struct Lack {
    what: String,
    because: Option<(Span, String)>,
    hint: Option<String>,
}

impl Lack {
    fn new(what: impl Into<String>, hint: Option<String>) -> Self {
        let (what, because) = (what.into(), None);
        Self { what, because, hint }
    }
}

/// Whether no rule lets anything of the family in.
fn is_dropped(acl: &Acl, is_v4: bool) -> bool {
    let mut rules = acl.rules.iter();
    !rules.any(|rule| rule.source.addr().is_ipv4() == is_v4 && rule.action != AclAction::Deny)
}

fn has_family(own: &[&Address], is_v4: bool) -> bool {
    own.iter().any(|address| address.addr.is_v4() == is_v4)
}

/// Families that no rule lets in.
fn families_lacking(acl: &Acl, own: &[&Address]) -> Vec<Lack> {
    let families = [(true, "IPv4"), (false, "IPv6")].into_iter();
    let lacking = families.filter(|(is_v4, _)| has_family(own, *is_v4) && is_dropped(acl, *is_v4));
    lacking
        .map(|(_, family)| Lack::new(format!("all of {family}"), None))
        .collect()
}

/// Sessions that neither side can begin: what this router sends is not asked, so that its answers are not known.
fn sessions_lacking(acl: &Acl, neighbors: &[Neighbor<'_>]) -> Option<Lack> {
    let is_kept_out = |(peer, own): &(IpAddr, IpAddr)| {
        let begins = Packet::session(*peer, *own);
        !begins.into_iter().any(|packet| packet.is_let_in(acl))
    };
    let (peer, _) = neighbors.iter().filter_map(|it| it.ends).find(is_kept_out)?;
    let source = format!("source = \"{}\"", Prefix::truncating(peer.into()));
    Some(Lack::new(
        format!("the BGP session with {peer}"),
        Some(format!(
            "add `{{ action = \"permit\", {source}, protocol = \"tcp\", port = 179 }}`, and another with `source-port`"
        )),
    ))
}

/// Without the answers of neighbours, and their questions whether this router is still there, IPv6 ends.
fn discovery_lacking(acl: &Acl, own: &[&Address]) -> Option<Lack> {
    let own = own.iter().find(|address| !address.addr.is_v4())?;
    let answer = Packet::discovered(beside(own.addr.addr()), own.addr.addr());
    (!answer.is_let_in(acl)).then(|| {
        Lack::new(
            "the answers to neighbour discovery, without which IPv6 stops",
            Some(permit("icmp6")),
        )
    })
}

/// OSPF's hellos are multicast and pass; what follows is not.
fn adjacencies_lacking(acl: &Acl, own: &[&Address], is_v4: bool) -> Option<Lack> {
    let mut of_family = own.iter().filter(|address| address.addr.is_v4() == is_v4);
    let of_family = of_family.next()?.addr.addr();
    let (source, destination) = match is_v4 {
        true => (beside(of_family), of_family),
        false => (link_local(1), link_local(2)),
    };
    let name = if is_v4 { "OSPF" } else { "OSPFv3" };
    (!Packet::new(OSPF, source, destination).is_let_in(acl)).then(|| {
        Lack::new(
            format!("what {name} sends to this router alone, so that no adjacency comes up"),
            Some(permit("ospf")),
        )
    })
}

/// What else the documents say that arrives on the interface; the first of several alike stands for all of them.
fn arrivals_lacking(acl: &Acl, link: &Link<'_>, arrivals: &Arrivals<'_>) -> Vec<Lack> {
    let mut told = HashSet::new();
    let mut lacks = Vec::new();
    for Arrival {
        alike,
        what,
        because,
        packets,
        rules,
    } in arrivals.on(link)
    {
        // What is said of all of a family is not said again.
        let is_said = |packet: &Packet| {
            let is_v4 = packet.is_v4();
            has_family(link.own, is_v4) && is_dropped(acl, is_v4)
        };
        let mut packets = packets.iter();
        let passes = packets.any(|packet| packet.is_let_in(acl) || is_said(packet));
        if !passes && told.insert(alike) {
            let rules = rules.iter();
            let rules = rules.map(|rule| format!("`{{ action = \"permit\", {rule} }}`"));
            let rules: Vec<String> = rules.collect();
            lacks.push(Lack {
                what,
                because: Some(because),
                hint: Some(format!("add {}", rules.join(" and "))),
            });
        }
    }
    lacks
}

fn permit(protocol: &str) -> String {
    format!("add `{{ action = \"permit\", protocol = \"{protocol}\" }}`")
}

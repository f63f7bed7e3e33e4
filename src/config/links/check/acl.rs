//! ACLs: what VPP takes without a word and does not do, and what this router would keep out that it needs.

use crate::config::check::Checking;
use crate::config::code::{E0830, E0833, E0835, E0836, E0837, E0877};
use crate::config::diag::{Diagnostic, Findings};
use crate::config::index::{Address, Index};
use crate::config::keys::Field;
use crate::config::links::acl::{ALL_PORTS, Acl, AclAction};
use crate::config::links::raw::{AclRuleRaw, Prefixes};
use crate::config::routing::raw::BgpOf;
use crate::config::source::{Located, Span};
use crate::config::{Action, PrefixList};
use crate::types::{PolicyName, Prefix};
use ipnet::IpNet;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::{IpAddr, Ipv6Addr};

/// ICMP's number.
pub(in crate::config) const ICMP: u8 = 1;
/// That of ICMP for IPv6.
pub(in crate::config) const ICMP6: u8 = 58;
const TCP: u8 = 6;
const OSPF: u8 = 89;
/// The protocols with ports: TCP, UDP, SCTP. VPP looks for ports in no other.
const WITH_PORTS: [u8; 3] = [TCP, 17, 132];
/// VPP's limit of a tag, without what ours begin with: of a longer one it makes no ACL, without a word.
const LONGEST: usize = 59;

/// The name fits into the tag by which VPP knows the ACL.
pub(in crate::config) fn tag_fits(name: &Located<PolicyName>, cx: &mut Checking<'_>) {
    let length = name.value.as_ref().len();
    if length > LONGEST {
        let message = format!("the name '{}' is too long for an ACL", name.value);
        let error = Diagnostic::error(E0836, name.span, message);
        cx.report(error.label(format!(
            "expected at most {LONGEST} characters, this has {length}"
        )));
    }
}

/// Ports, types and flags are looked for in protocols that have them.
pub(in crate::config) fn fits_its_protocol(raw: &AclRuleRaw, cx: &mut Checking<'_>) {
    let protocol = raw.protocol.value().map(|protocol| protocol.get());
    let of = |protocols: &'static [u8]| protocol.is_some_and(|protocol| protocols.contains(&protocol));
    let mut needs = |key: &str, span: Option<Span>, fits: bool, what: &str| {
        if let Some(span) = span.filter(|_| !fits && !raw.protocol.is_flawed()) {
            let error = Diagnostic::error(E0833, span, format!("'{key}' needs {what}"));
            cx.report(error.label("VPP would not look at it, and the rule would match more than it says"));
        }
    };
    let ports = "protocol = \"tcp\", \"udp\" or \"sctp\"";
    needs("port", raw.port.span(), of(&WITH_PORTS), ports);
    needs("source-port", raw.source_port.span(), of(&WITH_PORTS), ports);
    let icmp = "protocol = \"icmp\" or \"icmp6\"";
    needs("icmp-type", raw.icmp_type.span(), of(&[ICMP, ICMP6]), icmp);
    needs("icmp-code", raw.icmp_code.span(), of(&[ICMP, ICMP6]), icmp);
    needs(
        "tcp-flags",
        raw.tcp_flags.span(),
        of(&[TCP]),
        "protocol = \"tcp\"",
    );
    if let Some(reflect) = raw.reflect.span().filter(|_| raw.reflect.is_on())
        && raw.action.value() == Some(Action::Deny)
    {
        let idle = Diagnostic::warning(E0837, reflect, "a rule that denies has no answers to let in");
        cx.report(idle.hint("remove `reflect`, or write `action = \"permit\"`"));
    }
}

/// The addresses of a list are those of its prefixes, whatever the lengths of the routes that it permits. What it denies has
/// no such meaning: a denied route may be inside a permitted one.
pub(in crate::config) fn holds_only_what_it_permits(
    used: Span,
    name: &PolicyName,
    list: &PrefixList,
    cx: &mut Checking<'_>,
) -> bool {
    let v4 = list.v4.iter().map(|rule| (rule.action, IpNet::V4(rule.prefix)));
    let v6 = list.v6.iter().map(|rule| (rule.action, IpNet::V6(rule.prefix)));
    let denied = v4.chain(v6).find(|(action, _)| *action == Action::Deny);
    if let Some((_, prefix)) = denied {
        let message = format!("the prefix-list '{name}' denies {prefix}");
        let error = Diagnostic::error(E0877, used, message)
            .label("which packets are meant cannot be told")
            .hint(
                "use a list that only permits; a rule of the ACL before this one denies what is not to pass",
            );
        cx.report(match cx.index.prefix_lists.defined.get(name) {
            Some(defined) => error.also(*defined, "the list"),
            None => error,
        });
    }
    denied.is_none()
}

/// A list that only FRR reads holds what is not known here. One that is nowhere is reported with all that use it.
pub(in crate::config) fn is_no_list_of_frrs(used: Span, name: &PolicyName, cx: &mut Checking<'_>) {
    if let Some(defined) = cx.index.prefix_lists.defined_in_extra.get(name).copied() {
        let message = format!("the prefix-list '{name}' is only in [frr] extra-file");
        cx.report(
            Diagnostic::error(E0877, used, message)
                .label("what it holds is not known here")
                .also(defined, "it is defined here")
                .hint("write it in [prefix-lists]"),
        );
    }
}

/// Every prefix has a counterpart of its family: in VPP both are of one, and a rule of two would be none.
pub(in crate::config) fn every_prefix_matches(
    rule: &Located<AclRuleRaw>,
    pairs: &[(IpNet, IpNet)],
    cx: &mut Checking<'_>,
) {
    let raw = &rule.value;
    let has = |v4: bool| pairs.iter().any(|(source, _)| source.addr().is_ipv4() == v4);
    let both = [has(true), has(false)];
    // A list may have prefixes of a family that the rest has nothing of.
    let written = raw.source.items().iter().chain(raw.destination.items());
    let written = written.filter_map(|it| match &it.value {
        Prefixes::One(prefix) => Some(Located {
            value: *prefix,
            span: it.span,
        }),
        Prefixes::List(_) => None,
    });
    let without = |prefix: &Located<Prefix>| !both[usize::from(prefix.value.net().addr().is_ipv6())];
    if let Some(prefix) = written.clone().find(without) {
        let family = if prefix.value.net().addr().is_ipv4() {
            "IPv4"
        } else {
            "IPv6"
        };
        let message = format!("no packet matches {} with the rest of the rule", prefix.value);
        cx.report(
            Diagnostic::error(E0830, prefix.span, message)
                .label(format!("the rest has nothing of {family}"))
                .hint(
                    "source, destination and protocol of a packet are of one family: write a rule for each",
                ),
        );
    } else if pairs.is_empty() && !is_flawed(raw) {
        cx.report(Diagnostic::error(E0830, rule.span, "no packet matches this rule"));
    }
}

fn is_flawed(raw: &AclRuleRaw) -> bool {
    fn of<T>(field: &Field<T>) -> bool {
        field.is_flawed()
    }
    of(&raw.source) || of(&raw.destination) || of(&raw.protocol)
}

/// A packet to this router.
#[derive(Clone, Copy)]
struct Packet {
    source: IpAddr,
    destination: IpAddr,
    protocol: u8,
    from_port: u16,
    to_port: u16,
}

/// Whether the ACL lets it in; flags of TCP are not looked at, as a session has some with and some without each.
fn lets_in(acl: &Acl, packet: Packet) -> bool {
    let within = |ports: (u16, u16), port: u16| ports == ALL_PORTS || (ports.0..=ports.1).contains(&port);
    let matches = acl.rules.iter().find(|rule| {
        rule.source.contains(&packet.source)
            && rule.destination.contains(&packet.destination)
            && (rule.protocol == 0 || rule.protocol == packet.protocol)
            && within(rule.from_ports, packet.from_port)
            && within(rule.to_ports, packet.to_port)
            && (rule.tcp_flags.is_none() || rule.action != AclAction::Deny)
    });
    matches.is_some_and(|rule| rule.action != AclAction::Deny)
}

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
    let mut neighbors: HashMap<&str, Vec<(IpAddr, IpAddr)>> = HashMap::new();
    for (bgp, table) in instances {
        let peers = bgp.raw.neighbors.names().iter();
        for peer in peers.filter_map(|peer| peer.value.address()) {
            for own in table.neighbors_of(peer) {
                let pair = (peer, own.addr.addr());
                neighbors.entry(own.interface.as_str()).or_default().push(pair);
            }
        }
    }
    let ospf = [&index.ospf, &index.ospf6]
        .map(|uses| uses.iter().map(|it| it.value.as_str()).collect::<HashSet<&str>>());
    for (name, used) in &index.traffic.filtered {
        let Some(acl) = acls.get(&used.value) else {
            continue;
        };
        let of = |map: &HashMap<&str, Vec<(IpAddr, IpAddr)>>| map.get(name.as_str()).cloned();
        let own = addresses.get(name.as_str()).map_or(&[][..], Vec::as_slice);
        let mut lacks = families_lacking(acl, own);
        if lacks.is_empty() {
            lacks.extend(sessions_lacking(acl, &of(&neighbors).unwrap_or_default()));
            lacks.extend(discovery_lacking(acl, own));
        }
        for (is_v4, ospf) in [true, false].into_iter().zip(&ospf) {
            if ospf.contains(name.as_str()) {
                lacks.extend(adjacencies_lacking(acl, own, is_v4));
            }
        }
        for (what, hint) in lacks {
            let message = format!("the ACL '{}' drops {what}", used.value);
            let warning = Diagnostic::warning(E0835, used.span, message);
            let warning = warning.label(format!("of what '{name}' receives"));
            found.report(match hint {
                Some(hint) => warning.hint(hint),
                None => warning,
            });
        }
    }
}

type Lack = (String, Option<String>);

/// Families that no rule lets in.
fn families_lacking(acl: &Acl, own: &[&Address]) -> Vec<Lack> {
    let mut lacks = Vec::new();
    for (is_v4, family) in [(true, "IPv4"), (false, "IPv6")] {
        let has = own.iter().any(|address| address.addr.is_v4() == is_v4);
        let mut rules = acl.rules.iter();
        let passes =
            rules.any(|rule| rule.source.addr().is_ipv4() == is_v4 && rule.action != AclAction::Deny);
        if has && !passes {
            lacks.push((format!("all of {family}"), None));
        }
    }
    lacks
}

/// Sessions that neither side can begin: what this router sends is not asked, so that its answers are not known.
fn sessions_lacking(acl: &Acl, neighbors: &[(IpAddr, IpAddr)]) -> Option<Lack> {
    let is_kept_out = |(peer, own): &&(IpAddr, IpAddr)| {
        let packet = |from_port, to_port| Packet {
            source: *peer,
            destination: *own,
            protocol: TCP,
            from_port,
            to_port,
        };
        !lets_in(acl, packet(179, 50_000)) && !lets_in(acl, packet(50_000, 179))
    };
    let (peer, _) = neighbors.iter().find(is_kept_out)?;
    let source = format!("source = \"{}\"", Prefix::truncating((*peer).into()));
    Some((
        format!("the BGP session with {peer}"),
        Some(format!(
            "add `{{ action = \"permit\", {source}, protocol = \"tcp\", port = 179 }}`, and another with `source-port`"
        )),
    ))
}

/// Without the answers of neighbours, and their questions whether this router is still there, IPv6 ends.
fn discovery_lacking(acl: &Acl, own: &[&Address]) -> Option<Lack> {
    let own = own.iter().find(|address| !address.addr.is_v4())?;
    let answer = Packet {
        source: beside(own.addr.addr()),
        destination: own.addr.addr(),
        protocol: ICMP6,
        from_port: 136,
        to_port: 0,
    };
    (!lets_in(acl, answer)).then(|| {
        (
            "the answers to neighbour discovery, without which IPv6 stops".to_owned(),
            Some(permit("icmp6")),
        )
    })
}

/// OSPF's hellos are multicast and pass; what follows is not.
fn adjacencies_lacking(acl: &Acl, own: &[&Address], is_v4: bool) -> Option<Lack> {
    let of_family = own
        .iter()
        .find(|address| address.addr.is_v4() == is_v4)?
        .addr
        .addr();
    let (source, destination) = match is_v4 {
        true => (beside(of_family), of_family),
        false => (link_local(1), link_local(2)),
    };
    let packet = Packet {
        source,
        destination,
        protocol: OSPF,
        from_port: 0,
        to_port: 0,
    };
    let name = if is_v4 { "OSPF" } else { "OSPFv3" };
    (!lets_in(acl, packet)).then(|| {
        (
            format!("what {name} sends to this router alone, so that no adjacency comes up"),
            Some(permit("ospf")),
        )
    })
}

fn permit(protocol: &str) -> String {
    format!("add `{{ action = \"permit\", protocol = \"{protocol}\" }}`")
}

fn link_local(last: u16) -> IpAddr {
    Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, last).into()
}

/// Another address near this one.
fn beside(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(v4) => std::net::Ipv4Addr::from_bits(v4.to_bits() ^ 1).into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() ^ 1).into(),
    }
}

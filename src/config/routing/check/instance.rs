//! What holds between the parts of `[bgp]` that are no neighbours.

use super::bgp::{Both, Kind, Own, exports, groups, imports};
use crate::config::check::Checking;
use crate::config::code::{E0222, E0330, E0355, E0364, E0365, E0368, E0393, E0881};
use crate::config::diag::Diagnostic;
use crate::config::routing::origin::RouteOrigin;
use crate::config::routing::raw::{BgpInstanceRaw, BgpOf, ListenRangeRaw, SessionRaw};
use crate::config::source::{Located, Span};
use crate::types::{Asn, HostAddr, PeerName, PolicyName, Prefix};
use std::collections::BTreeMap;

/// Listen ranges, aggregates, the confederation and what is redistributed.
pub(in crate::config) fn check(bgp: BgpOf<'_>, own: Option<&Own>, cx: &mut Checking<'_>) {
    let raw = bgp.raw;
    confederation(bgp, cx);
    choices_decide_something(raw, cx);
    aggregates(raw, cx);
    redistribute(raw, cx);
    networks_are_announced(raw, cx);
    ranges_are_apart(raw, cx);
    let groups = groups(raw);
    for (range, table) in raw.listen_ranges.entries() {
        listen_range(raw, own, *range, table, &groups, cx);
    }
}

/// FRR 8.4 leaves our own AS out of the members with a sentence, and loads the rest.
fn confederation(bgp: BgpOf<'_>, cx: &mut Checking<'_>) {
    let (Some(asn), Some(table)) = (bgp.asn, bgp.raw.confederation.get()) else {
        return;
    };
    if let Some(identifier) = table.identifier.copied() {
        is_of_nobody_else(identifier, asn, table.peers.items(), cx);
    }
    let peers = table.peers.items().iter();
    for peer in peers.filter(|peer| peer.value == asn.value) {
        let message = format!(
            "AS {} is this router's own, and is listed among the other members",
            peer.value
        );
        cx.report(
            Diagnostic::error(E0368, peer.span, message)
                .also(asn.span, "its own")
                .hint("remove it: `peers` is for the other member ASes"),
        );
    }
}

/// What counts within a confederation counts where there is one, and the length of a path where it is looked at.
fn choices_decide_something(raw: &BgpInstanceRaw, cx: &mut Checking<'_>) {
    let Some(best) = raw.bestpath.get() else { return };
    let confed = best.as_path_confed.span().filter(|_| best.as_path_confed.is_on());
    let of_confederation = [
        ("as-path-confed", confed),
        (
            "med-confed",
            best.med_confed.span().filter(|_| best.med_confed.is_on()),
        ),
    ];
    for (key, place) in of_confederation {
        if let Some(place) = place.filter(|_| !raw.confederation.is_written()) {
            let message = format!("'{key}' decides nothing without a confederation");
            cx.report(
                Diagnostic::error(E0881, place, message)
                    .label("no path has a member AS in it")
                    .hint("remove it, or add `confederation` to [bgp]"),
            );
        }
    }
    let ignored = best.as_path_ignore.span().filter(|_| best.as_path_ignore.is_on());
    if let (Some(ignored), Some(confed)) = (ignored, confed) {
        cx.report(
            Diagnostic::error(
                E0881,
                confed,
                "'as-path-confed' counts what 'as-path-ignore' does not look at",
            )
            .also(ignored, "the length of a path is ignored")
            .hint("remove one of the two"),
        );
    }
}

/// The confederation's number is not that of a member: paths would tell the two apart nowhere.
fn is_of_nobody_else(
    identifier: Located<Asn>,
    own: Located<Asn>,
    peers: &[Located<Asn>],
    cx: &mut Checking<'_>,
) {
    let (whose, place) = match peers.iter().find(|peer| peer.value == identifier.value) {
        _ if own.value == identifier.value => ("this router's member AS", own.span),
        Some(peer) => ("another member", peer.span),
        None => return,
    };
    let message = format!(
        "the confederation has the number of {whose}, AS {}",
        identifier.value
    );
    cx.report(
        Diagnostic::error(E0368, identifier.span, message)
            .also(place, "the member's")
            .hint("`identifier` is the number that others see; members have numbers of their own, private ones usually"),
    );
}

fn aggregates(raw: &BgpInstanceRaw, cx: &mut Checking<'_>) {
    let mut seen: BTreeMap<Prefix, Span> = BTreeMap::new();
    for (prefix, _) in raw.aggregates.entries() {
        if let Some(first) = seen.insert(prefix.value, prefix.span) {
            let message = format!("{} is listed twice", prefix.value);
            cx.report(Diagnostic::error(E0222, prefix.span, message).also(first, "first here"));
        }
        let net = prefix.value.net();
        if net.prefix_len() == net.max_prefix_len() {
            let message = format!("{} holds no other prefix to stand for", prefix.value);
            cx.report(
                Diagnostic::error(E0365, prefix.span, message)
                    .label("FRR refuses it")
                    .hint("announce a single address with `networks`"),
            );
        }
    }
}

fn redistribute(raw: &BgpInstanceRaw, cx: &mut Checking<'_>) {
    let index = cx.index;
    let has_ospf = !index.ospf.is_empty() || !index.ospf6.is_empty() || index.igp_of_extra;
    for (origin, _) in raw.redistributed() {
        if origin.value == RouteOrigin::Ospf && !has_ospf && !index.l3_refused {
            let message = "no interface takes part in OSPF, so there is nothing of it to redistribute";
            cx.report(
                Diagnostic::warning(E0355, origin.span, message)
                    .hint("add `ospf = { area = 0 }` to the interfaces that take part"),
            );
        }
    }
}

/// An aggregate that stands alone takes the place of everything inside of it, networks of ours too.
fn networks_are_announced(raw: &BgpInstanceRaw, cx: &mut Checking<'_>) {
    let alone = raw.aggregates.entries().iter();
    let alone: Vec<Located<Prefix>> = alone
        .filter(|(_, table)| table.value.summary_only.is_on())
        .map(|(prefix, _)| *prefix)
        .collect();
    for network in raw.networks.items() {
        let is_inside = |it: &&Located<Prefix>| it.value != network.value && it.value.contains(network.value);
        if let Some(aggregate) = alone.iter().find(is_inside) {
            let message = format!("{} is not announced", network.value);
            cx.report(
                Diagnostic::warning(E0393, network.span, message)
                    .label(format!("{} stands for it", aggregate.value))
                    .also(aggregate.span, "`summary-only` here")
                    .hint("remove `summary-only`, or the network if it only keeps the aggregate alive"),
            );
        }
    }
}

/// FRR refuses the second of two ranges that share addresses.
fn ranges_are_apart(raw: &BgpInstanceRaw, cx: &mut Checking<'_>) {
    let mut ranges: Vec<Located<Prefix>> = raw
        .listen_ranges
        .entries()
        .iter()
        .map(|(range, _)| *range)
        .collect();
    ranges.sort_by_key(|range| (range.value.net().addr(), range.value.net().prefix_len()));
    let mut widest: Option<Located<Prefix>> = None;
    for range in ranges {
        match widest.filter(|it| it.value.contains(range.value)) {
            Some(first) => {
                let message = format!("the listen range {} is inside of {}", range.value, first.value);
                cx.report(
                    Diagnostic::error(E0364, range.span, message)
                        .label("FRR refuses ranges that share addresses")
                        .also(first.span, "the other one"),
                );
            }
            None => widest = Some(range),
        }
    }
}

/// What calls from a range is what its group says: FRR has nothing else to go by.
fn listen_range(
    raw: &BgpInstanceRaw,
    own: Option<&Own>,
    range: Located<Prefix>,
    table: &Located<ListenRangeRaw>,
    groups: &BTreeMap<&PolicyName, &SessionRaw>,
    cx: &mut Checking<'_>,
) {
    let Some(name) = table.value.peer_group.copied() else {
        return;
    };
    // An undefined one is reported as that.
    let Some(group) = groups.get(&name.value) else {
        return;
    };
    let Some(remote_as) = group.remote_as.value() else {
        if !group.remote_as.is_written() {
            let message = format!(
                "the peer-group '{}' of a listen range has no remote-as",
                name.value
            );
            cx.report(
                Diagnostic::error(E0364, name.span, message)
                    .hint("add `remote-as = \"external\"`, or a number, to the peer-group"),
            );
        }
        return;
    };
    let kind = own.map(|own| own.kind(remote_as));
    if kind == Some(Kind::External) && !(imports(group) && exports(group)) {
        let message = format!(
            "the peer-group '{}' of a listen range has no route-maps",
            name.value
        );
        cx.report(
            Diagnostic::error(E0330, name.span, message)
                .label("FRR exchanges nothing with who calls")
                .hint("add `route-map = { in = \"NAME\", out = \"NAME\" }` to the peer-group"),
        );
    }
    group_is_of_one_family(raw, range, &name, cx);
    if let (Some(own), Some(kind)) = (own, kind) {
        caller_is_possible(own, kind, range, &name, group, cx);
    }
}

/// Who calls is checked like a neighbour at the first address of the range that says nothing but its group.
fn caller_is_possible(
    own: &Own,
    kind: Kind,
    range: Located<Prefix>,
    name: &Located<PolicyName>,
    group: &SessionRaw,
    cx: &mut Checking<'_>,
) {
    let first = range.value.net().hosts().next();
    let Some(address) = first.and_then(|it| it.to_string().parse::<HostAddr>().ok()) else {
        return;
    };
    let (peer, alone) = (PeerName::Address(address), SessionRaw::default());
    let caller = Both {
        peer: Located {
            value: &peer,
            span: range.span,
        },
        own: &alone,
        peer_group: Some(Located {
            value: &name.value,
            span: name.span,
        }),
        group: Some(group),
    };
    caller.suits(own, kind, cx);
}

/// The group of a range is activated in the range's family, and with it every member.
fn group_is_of_one_family(
    raw: &BgpInstanceRaw,
    range: Located<Prefix>,
    name: &Located<PolicyName>,
    cx: &mut Checking<'_>,
) {
    let is_v4 = range.value.v4().is_some();
    let members = raw.neighbors.entries().iter();
    let mut members = members.filter(|(_, table)| table.value.peer_group.get() == Some(&name.value));
    let other = members.find(|(peer, _)| peer.value.address().is_none_or(|addr| addr.is_ipv4() != is_v4));
    let ranges = raw.listen_ranges.entries().iter();
    let mut ranges = ranges.filter(|(_, table)| table.value.peer_group.get() == Some(&name.value));
    let first = ranges.find(|(it, _)| it.value.v4().is_some() != is_v4 && it.span.start < range.span.start);
    let place = other.map(|(peer, _)| peer.span).or(first.map(|(it, _)| it.span));
    if let Some(place) = place {
        let message = format!(
            "the peer-group '{}' of a listen range has neighbours of both address families",
            name.value
        );
        cx.report(
            Diagnostic::error(E0364, range.span, message)
                .label("each of them would have the routes of the other family, too")
                .also(place, "of the other family")
                .hint("make one peer-group for each family"),
        );
    }
}

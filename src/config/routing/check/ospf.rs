//! `[ospf]` and `[ospf6]` against interfaces, routes and BGP: what FRR takes without a word and does not do.

use crate::config::check::Checking;
use crate::config::code::{
    E0350, E0351, E0352, E0353, E0355, E0373, E0720, E0721, E0722, E0723, E0725, E0727,
};
use crate::config::diag::Diagnostic;
use crate::config::index::Index;
use crate::config::keys::{Field, Form};
use crate::config::routing::ospf::checked::OspfVersion;
use crate::config::routing::ospf::{Area, HashAlgorithm, Redistribute};
use crate::config::routing::raw::{
    AreaRaw, DefaultRouteRaw, InterfaceOspfRaw, OspfAuthRaw, OspfRaw, RangeRaw,
};
use crate::config::source::{Located, Span};
use crate::types::{Prefix, Secret};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::collections::HashSet;
use std::net::Ipv4Addr;

/// An `[ospf]` or `[ospf6]` table against interfaces, routes and BGP.
pub(in crate::config) fn table(
    version: OspfVersion,
    table: Span,
    raw: &OspfRaw,
    has_bgp: bool,
    cx: &mut Checking<'_>,
) {
    let (index, key) = (cx.index, version.key());
    if version.uses(index).is_empty() && !index.igp_of_extra && !index.l3_refused {
        cx.report(
            Diagnostic::warning(E0352, table, format!("no interface takes part in [{key}]")).hint(format!(
                "add `{key} = {{ area = 0 }}` to the interfaces that take part"
            )),
        );
    }
    default_is_routed(version, &raw.default_originate, cx);
    sources_are_there(raw, has_bgp, cx);
}

/// Without `always` the default route is announced only while there is one.
fn default_is_routed(
    version: OspfVersion,
    field: &Field<Form<bool, DefaultRouteRaw>>,
    cx: &mut Checking<'_>,
) {
    let Some(raw) = field.located() else { return };
    let is_waiting = match raw.value {
        Form::Short(on) => *on,
        Form::Table(table) => !table.always.is_on(),
    };
    let default = match version {
        OspfVersion::V2 => IpNet::from(Ipv4Net::default()),
        OspfVersion::V3 => IpNet::from(Ipv6Net::default()),
    };
    let routed = cx.index.routed.get(Prefix::truncating(default)).is_some();
    if is_waiting && !routed {
        cx.report(
            Diagnostic::warning(E0351, raw.span, "there is no default route to originate")
                .label(format!("[routes] has no \"{default}\""))
                .hint("FRR announces it only while it has one; add it, rely on BGP for it, or write `{ always = true }`"),
        );
    }
}

/// What is redistributed exists, and all of BGP is never meant.
fn sources_are_there(raw: &OspfRaw, has_bgp: bool, cx: &mut Checking<'_>) {
    let index = cx.index;
    for item in raw.redistributed() {
        match item.value.source {
            Redistribute::Bgp if !has_bgp && !index.bgp_of_extra => {
                let message = "there is no [bgp] to redistribute";
                cx.report(Diagnostic::warning(E0355, item.span, message));
            }
            Redistribute::Bgp if item.value.route_map().is_none() => {
                let message = "all of BGP's routes would go into OSPF";
                cx.report(
                    Diagnostic::error(E0373, item.span, message)
                        .label("OSPF does not survive a full table")
                        .hint("choose with a route-map: `redistribute = { bgp = { route-map = \"NAME\" } }`"),
                );
            }
            Redistribute::Isis if !index.has_isis && !index.igp_of_extra => {
                let message = "there is no [isis] to redistribute";
                cx.report(Diagnostic::warning(E0355, item.span, message));
            }
            _ => {}
        }
    }
}

/// An area: somebody is in it, and it can be what it is said to be.
pub(in crate::config) fn area(
    version: OspfVersion,
    area: Located<Area>,
    raw: &AreaRaw,
    cx: &mut Checking<'_>,
) {
    let (index, key) = (cx.index, version.key());
    let Located { value: id, span } = area;
    if !version.areas(index).contains(&id) && !index.l3_refused {
        cx.report(
            Diagnostic::error(E0720, span, format!("no interface is in area {id} of [{key}]")).hint(format!(
                "correct the number, or write `{key} = {{ area = \"{id}\" }}` at an interface"
            )),
        );
    }
    if let Some(kind) = raw.kind.span().filter(|_| id.0 == Ipv4Addr::UNSPECIFIED) {
        let message = "area 0 can be neither a stub nor an NSSA";
        cx.report(
            Diagnostic::error(E0721, kind, message).label("the routes between all other areas go through it"),
        );
    }
    let of_kinds = [
        (
            "no-summary",
            raw.no_summary.span().filter(|_| raw.no_summary.is_on()),
        ),
        ("default-cost", raw.default_cost.span()),
    ];
    for (word, place) in of_kinds {
        if let Some(place) = place.filter(|_| !raw.kind.is_written()) {
            let message = format!("'{word}' is for a stub or an NSSA");
            let error = Diagnostic::error(E0721, place, message);
            cx.report(error.hint("add `type = \"stub\"` or `type = \"nssa\"`, or remove it"));
        }
    }
    if let Some(place) = raw.default_cost.span().filter(|_| version == OspfVersion::V3) {
        let error = Diagnostic::error(E0721, place, "ospf6 has no 'default-cost'");
        cx.report(error.label("FRR has it for IPv4 alone").hint("remove it"));
    }
    for (prefix, range) in raw.ranges.entries() {
        self::range(version, *prefix, &range.value, cx);
    }
}

fn range(version: OspfVersion, prefix: Located<Prefix>, raw: &RangeRaw, cx: &mut Checking<'_>) {
    let (family, other) = match version {
        OspfVersion::V2 => ("IPv4", "ospf6"),
        OspfVersion::V3 => ("IPv6", "ospf"),
    };
    if prefix.value.v4().is_some() != (version == OspfVersion::V2) {
        let message = format!("a range of [{}] is one of {family}", version.key());
        let error = Diagnostic::error(E0722, prefix.span, message);
        cx.report(error.hint(format!("write it in [{other}] areas")));
    }
    if let Some(cost) = raw.cost.span().filter(|_| raw.advertise.value() == Some(false)) {
        let error = Diagnostic::error(
            E0725,
            cost,
            "nobody sees the cost of a range that is not advertised",
        );
        cx.report(error.hint("remove `cost`, or `advertise = false`"));
    }
}

/// The intervals fit each other, and a passive interface has nothing that is for neighbours.
pub(in crate::config) fn timers(raw: &InterfaceOspfRaw, passive: Option<Span>, cx: &mut Checking<'_>) {
    let (hello, dead) = (raw.hello_interval.copied(), raw.dead_interval.copied());
    // FRR's defaults, for the comparison only.
    let (hello_seconds, dead_seconds) = (
        hello.map_or(10, |h| h.value.get()),
        dead.map_or(40, |d| d.value.get()),
    );
    if let Some(place) = dead.or(hello).filter(|_| dead_seconds <= hello_seconds) {
        let message = format!(
            "the dead interval of {dead_seconds} s must be longer than the hello interval of {hello_seconds} s"
        );
        cx.report(
            Diagnostic::error(E0350, place.span, message).hint(
                "FRR's defaults are 10 s and 40 s; write a dead-interval of about four hello intervals",
            ),
        );
    }
    let for_neighbours = [
        (
            "bfd",
            raw.bfd.located().filter(|it| it.value.is_on()).map(|it| it.span),
        ),
        ("auth", raw.auth.span()),
        ("priority", raw.priority.span()),
    ];
    passive_is_quiet(passive, &for_neighbours, cx);
}

/// What is for neighbours does nothing on an interface that has none.
pub(super) fn passive_is_quiet(
    passive: Option<Span>,
    for_neighbours: &[(&str, Option<Span>)],
    cx: &mut Checking<'_>,
) {
    let Some(passive) = passive else { return };
    for (word, place) in for_neighbours {
        if let Some(place) = place {
            let message = format!("'{word}' does nothing on a passive interface");
            cx.report(
                Diagnostic::warning(E0727, *place, message).also(passive, "no neighbour is found on it"),
            );
        }
    }
}

/// A key FRR takes as it is written.
pub(in crate::config) fn auth(
    version: OspfVersion,
    raw: &OspfAuthRaw,
    key: Option<&Secret>,
    cx: &mut Checking<'_>,
) {
    const LONGEST: usize = 16;
    if version == OspfVersion::V3 {
        return;
    }
    if let (Some(file), Some(key)) = (raw.key_file.span(), key)
        && key.reveal().len() > LONGEST
    {
        let message = format!("the key is longer than the {LONGEST} characters OSPF has room for");
        cx.report(
            Diagnostic::error(E0723, file, message)
                .label("FRR would cut it silently")
                .hint("use a shorter key, on both sides of the link"),
        );
    }
    if let Some(id) = raw.key_id.located().filter(|id| id.value.get() > 255) {
        let error = Diagnostic::error(E0723, id.span, "a key-id of OSPF for IPv4 is 1 to 255");
        cx.report(error.hint("use the number the neighbours have"));
    }
    if let Some(algorithm) = raw
        .hash_algo
        .located()
        .filter(|it| *it.value != HashAlgorithm::Md5)
    {
        let error = Diagnostic::error(
            E0723,
            algorithm.span,
            "OSPF for IPv4 is authenticated by MD5 alone",
        );
        cx.report(error.hint("remove `hash-algo`"));
    }
}

fn is_a_loopback(name: &str, index: &Index) -> bool {
    let mut loopbacks = index.dataplane_names.iter().filter(|it| it.what == "a loopback");
    loopbacks.any(|it| it.name == name)
}

/// OSPF on interfaces without an address of its family: FRR says nothing and does nothing.
pub(super) fn without_address(cx: &mut Checking<'_>) {
    let index = cx.index;
    let families = [
        ("ospf", "IPv4", &index.ospf, true),
        ("ospf6", "IPv6", &index.ospf6, false),
    ];
    for (key, family, uses, v4) in families {
        let with = index.addresses.iter().filter(|a| a.addr.is_v4() == v4);
        let with: HashSet<&str> = with.map(|a| a.interface.as_str()).collect();
        for used in uses {
            // OSPFv3 has link-local addresses where packets pass.
            let is_enough = !v4 && !is_a_loopback(&used.value, index);
            if index.l3_refused || is_enough || with.contains(used.value.as_str()) {
                continue;
            }
            let message = format!("'{}' has {key} but no {family} address", used.value);
            // Without any address the other protocol would do no better.
            let has_other = index.addresses.iter().any(|a| a.interface == used.value);
            let other = if v4 { "`ospf6` for IPv6" } else { "`ospf` for IPv4" };
            let hint = match has_other {
                true => format!("add an {family} address, or write {other}"),
                false => format!("add an {family} address, or remove `{key}`"),
            };
            cx.report(Diagnostic::warning(E0353, used.span, message).hint(hint));
        }
    }
}

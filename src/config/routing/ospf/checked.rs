//! The tables of OSPF, checked.

use super::{
    Area, AreaKind, AreaRange, AreaSettings, DefaultRoute, External, HashAlgorithm, InterfaceOspf, Ospf,
    OspfAuth, Redistribute, Redistribution, Summaries,
};
use crate::config::check::Checking;
use crate::config::index::Index;
use crate::config::keys::{Field, Form, SwitchOr};
use crate::config::routing::check;
use crate::config::routing::raw::{
    AnnouncedRaw, AreaRaw, AreaType, DefaultRouteRaw, ExternalRaw, InterfaceOspfRaw, OspfAuthRaw, OspfRaw,
    RangeRaw,
};
use crate::config::routing::session::{bfd, password};
use crate::config::source::{Located, Span};
use crate::types::{PolicyName, RouterId};
use std::collections::{BTreeMap, BTreeSet};

/// Which of the two protocols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::config) enum OspfVersion {
    /// `ospf`, for IPv4.
    V2,
    /// `ospf6`, for IPv6.
    V3,
}

impl OspfVersion {
    /// The key of its table, and of what interfaces say of it.
    pub(in crate::config) fn key(self) -> &'static str {
        match self {
            Self::V2 => "ospf",
            Self::V3 => "ospf6",
        }
    }

    /// The interfaces that take part.
    pub(in crate::config) fn uses(self, index: &Index) -> &[Located<String>] {
        match self {
            Self::V2 => &index.ospf,
            Self::V3 => &index.ospf6,
        }
    }

    /// The areas that interfaces are in.
    pub(in crate::config) fn areas(self, index: &Index) -> &BTreeSet<Area> {
        match self {
            Self::V2 => &index.ospf_areas,
            Self::V3 => &index.ospf6_areas,
        }
    }

    /// The same, to add to.
    pub(in crate::config) fn areas_mut(self, index: &mut Index) -> &mut BTreeSet<Area> {
        match self {
            Self::V2 => &mut index.ospf_areas,
            Self::V3 => &mut index.ospf6_areas,
        }
    }
}

/// Where a router id comes from that is not written.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) enum SharedRouterId {
    /// From `[bgp]`, which has one or whose lack of one was reported.
    Bgp(Option<RouterId>),
    /// From lo0.
    Lo0,
}

impl SharedRouterId {
    fn or_reported(self, table: &str, place: Span, cx: &mut Checking<'_>) -> Option<RouterId> {
        match self {
            Self::Bgp(router_id) => router_id,
            Self::Lo0 => check::default_router_id(place, table, cx),
        }
    }
}

/// `[ospf]` or `[ospf6]`, checked; implied, with defaults, by an interface that has it.
pub(in crate::config) fn ospf(
    field: &Field<OspfRaw>,
    version: OspfVersion,
    shared: SharedRouterId,
    cx: &mut Checking<'_>,
) -> Option<Ospf> {
    let key = version.key();
    check::area::are_joined(version, field.span(), cx);
    let Some(Located { value: raw, span }) = field.located() else {
        let uses = version.uses(cx.index);
        // `ospf = 1` was reported; an interface's use implies nothing then.
        let place = uses.first().map(|u| u.span).filter(|_| !field.is_written())?;
        return Some(Ospf {
            router_id: shared.or_reported(key, place, cx)?,
            default_originate: None,
            redistribute: Vec::new(),
            areas: BTreeMap::new(),
            max_metric: false,
            log_adjacency_changes: true,
            reference_bandwidth: None,
        });
    };
    let items = raw.redistributed();
    let sources: Vec<Located<Redistribute>> = items
        .iter()
        .map(|item| Located {
            value: item.value.source,
            span: item.span,
        })
        .collect();
    check::distinct(&sources, cx);
    check::ospf::table(version, span, raw, matches!(shared, SharedRouterId::Bgp(_)), cx);
    check::area::what_is_announced_enters_one(version, raw, cx);
    let areas = areas(raw, version, cx);
    let router_id = match raw.router_id.is_written() {
        true => raw.router_id.value(),
        false => shared.or_reported(key, span, cx),
    };
    Some(Ospf {
        router_id: router_id?,
        default_originate: raw.default_originate.get().and_then(default_route),
        redistribute: items
            .iter()
            .map(|item| Redistribution {
                source: item.value.source,
                external: external(&item.value.external),
            })
            .collect(),
        areas,
        max_metric: raw.max_metric.is_on(),
        log_adjacency_changes: raw.log_adjacency_changes.value().unwrap_or(true),
        reference_bandwidth: raw.reference_bandwidth.get().map(|it| it.get()),
    })
}

fn default_route(raw: &Form<bool, DefaultRouteRaw>) -> Option<DefaultRoute> {
    match raw {
        Form::Short(on) => on.then(DefaultRoute::default),
        Form::Table(table) => Some(DefaultRoute {
            always: table.always.is_on(),
            external: external(&table.external),
        }),
    }
}

fn external(raw: &ExternalRaw) -> External {
    External {
        route_map: raw.route_map.value(),
        metric: raw.metric.get().map(|it| it.get()),
        is_type_1: raw.metric_type.get().is_some_and(|it| it.get() == 1),
    }
}

fn areas(raw: &OspfRaw, version: OspfVersion, cx: &mut Checking<'_>) -> BTreeMap<Area, AreaSettings> {
    let mut areas = BTreeMap::new();
    let written: Vec<Located<Area>> = raw.areas.entries().iter().map(|(area, _)| *area).collect();
    check::distinct(&written, cx);
    for (area, table) in raw.areas.entries() {
        check::ospf::area(version, *area, &table.value, cx);
        areas.insert(area.value, area_settings(&table.value));
    }
    areas
}

fn area_settings(raw: &AreaRaw) -> AreaSettings {
    let summaries = Summaries {
        no_summary: raw.no_summary.is_on(),
        default_cost: raw.default_cost.get().map(|it| it.get()),
    };
    let range = |raw: &RangeRaw| match raw.advertise.value() {
        Some(false) => AreaRange::Hidden,
        _ => AreaRange::Shown {
            cost: raw.cost.get().map(|it| it.get()),
        },
    };
    let ranges = raw.ranges.entries().iter();
    AreaSettings {
        kind: match raw.kind.get() {
            None => AreaKind::Normal,
            Some(AreaType::Stub) => AreaKind::Stub(summaries),
            Some(AreaType::Nssa) => AreaKind::Nssa(summaries),
        },
        ranges: ranges
            .map(|(prefix, table)| (prefix.value, range(&table.value)))
            .collect(),
    }
}

/// `ospf = { … }` or `ospf6 = { … }` of an interface, VLAN or loopback, checked.
pub(in crate::config) fn of_interface(
    field: &Field<InterfaceOspfRaw>,
    version: OspfVersion,
    cx: &mut Checking<'_>,
) -> Option<InterfaceOspf> {
    let raw = field.get()?;
    let passive = passive(raw, version, cx.index);
    check::ospf::timers(raw, passive, cx);
    let auth = raw.auth.get().map(|auth| self::auth(auth, version, cx));
    Some(InterfaceOspf {
        area: raw.area.value()?,
        passive: passive.is_some(),
        cost: raw.cost.get().map(|cost| cost.get()),
        hello_interval: raw.hello_interval.get().map(|it| it.get()),
        dead_interval: raw.dead_interval.get().map(|it| it.get()),
        network: raw.network.value(),
        bfd: raw.bfd.get().and_then(bfd),
        priority: raw.priority.get().map(|it| it.get()),
        mtu_ignore: raw.mtu_ignore.is_on(),
        auth: auth.flatten(),
    })
}

/// Where it says that an interface sends no hellos: there, or for all of them.
pub(in crate::config) fn passive(
    raw: &InterfaceOspfRaw,
    version: OspfVersion,
    index: &Index,
) -> Option<Span> {
    match raw.passive.located() {
        Some(own) => own.value.then_some(own.span),
        None => index.passive.get(&version).copied(),
    }
}

/// The profile of BFD that a key names, with its place.
pub(in crate::config::routing) fn profile(
    field: &Field<SwitchOr<PolicyName>>,
) -> Option<Located<PolicyName>> {
    let raw = field.located()?;
    match raw.value {
        SwitchOr::Switch(_) => None,
        SwitchOr::Text(profile) => Some(raw.map(|_| profile.clone())),
    }
}

/// Both lines of FRR need both values, so that what lacks one was reported.
fn auth(raw: &OspfAuthRaw, version: OspfVersion, cx: &mut Checking<'_>) -> Option<OspfAuth> {
    let key = raw.key_file.located().and_then(|file| password(file, cx));
    check::ospf::auth(version, raw, key.as_ref(), cx);
    let usual = match version {
        OspfVersion::V2 => HashAlgorithm::Md5,
        OspfVersion::V3 => HashAlgorithm::HmacSha256,
    };
    Some(OspfAuth {
        key_id: raw.key_id.get()?.get(),
        key: key?,
        hash_algo: raw.hash_algo.value().unwrap_or(usual),
    })
}

impl OspfRaw {
    /// What is announced of other sources.
    pub(in crate::config) fn redistributed(&self) -> &[Located<AnnouncedRaw>] {
        self.redistribute.get().map_or(&[], |raw| &raw.0)
    }

    /// The route-maps it uses.
    fn route_maps(&self) -> impl Iterator<Item = Located<&PolicyName>> {
        let announced = self.redistributed().iter().map(|item| &item.value.external);
        let default = self.default_originate.get().and_then(|it| match it {
            Form::Short(_) => None,
            Form::Table(table) => Some(table),
        });
        let externals = announced.chain(default.map(|table| &table.external));
        externals.filter_map(|external| external.route_map.located())
    }
}

/// Enters the route-maps that choose what is announced, and whether interfaces are passive.
pub(in crate::config) fn index_ospf(field: &Field<OspfRaw>, version: OspfVersion, index: &mut Index) {
    let passive = field.get().map(|raw| &raw.passive).filter(|it| it.is_on());
    let passive = passive.and_then(Field::span);
    index.passive.extend(passive.map(|place| (version, place)));
    let maps = field.get().into_iter().flat_map(OspfRaw::route_maps);
    let maps: Vec<Located<PolicyName>> = maps.map(|map| map.map(PolicyName::clone)).collect();
    index.route_maps.used.extend(maps);
}

/// Enters what OSPF on an interface says of others: its area, and the profile of BFD.
pub(in crate::config) fn index_interface(
    field: &Field<InterfaceOspfRaw>,
    version: OspfVersion,
    index: &mut Index,
) {
    let Some(raw) = field.get() else { return };
    version.areas_mut(index).extend(raw.area.value());
    index.bfd_profiles.used.extend(profile(&raw.bfd));
}

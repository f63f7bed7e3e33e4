//! `[vrfs.NAME]`: routing tables of their own.

use super::bgp::{self, Bgp};
use super::check::default_router_id;
use super::raw::{BgpOf, BgpRaw, RoutesRaw, VrfBgpRaw, VrfRaw, VrfsRaw};
use super::route::{self, Route};
use crate::config::check::Checking;
use crate::config::code::{E0852, E0855, E0856, E0857, E0858};
use crate::config::diag::{Diagnostic, Findings};
use crate::config::index::{Index, Name, Protocol};
use crate::config::keys::Field;
use crate::config::source::{Located, Span};
use crate::config::{At, Model};
use crate::types::{IfAddr, Prefix, RouterId, VrfName};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

/// `[vrfs.NAME]`; no other has its table.
#[derive(Debug)]
pub struct Vrf {
    /// Where it was written.
    pub at: At,
    /// `table`: its number in VPP and Linux, none of the kernel's own.
    pub table: u32,
    /// `routes`, as those of the main table; none says `table`.
    pub routes: Vec<Route>,
    /// `bgp`, without `rib-limit`.
    pub bgp: Option<Bgp>,
}

/// The VRF of an interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct InVrf {
    /// Its name.
    pub name: VrfName,
    /// Its table.
    pub table: u32,
}

/// What is routed together: the main table, or that of a VRF.
#[derive(Debug, Clone, Copy)]
pub struct Routing<'m> {
    /// The VRF; none: the main table.
    pub vrf: Option<&'m VrfName>,
    /// Its static routes.
    pub routes: &'m [Route],
    /// BGP in it.
    pub bgp: Option<&'m Bgp>,
}

/// What a neighbour in a VRF is known by, `192.0.2.9 in CUST`: another one may have the same address.
pub fn in_vrf(peer: impl Display, vrf: Option<impl Display>) -> String {
    match vrf {
        None => peer.to_string(),
        Some(vrf) => format!("{peer} in {vrf}"),
    }
}

impl Model {
    /// The main table, then the VRFs in the order of their names.
    pub fn routings(&self) -> impl Iterator<Item = Routing<'_>> {
        let main = Routing {
            vrf: None,
            routes: &self.routes,
            bgp: self.bgp.as_ref(),
        };
        let vrfs = self.vrfs.iter().map(|(name, vrf)| Routing {
            vrf: Some(name),
            routes: &vrf.routes,
            bgp: vrf.bgp.as_ref(),
        });
        std::iter::once(main).chain(vrfs)
    }

    /// The VRFs, each with its table.
    pub fn vrf_tables(&self) -> BTreeSet<(&VrfName, u32)> {
        self.vrfs.iter().map(|(name, vrf)| (name, vrf.table)).collect()
    }

    /// Every instance of BGP, that of the main table first.
    pub fn instances_of_bgp(&self) -> impl Iterator<Item = &Bgp> {
        self.routings().filter_map(|it| it.bgp)
    }

    /// The subnets that the interfaces of a VRF have addresses in.
    pub fn connected_in<'m>(&'m self, vrf: &'m VrfName) -> impl Iterator<Item = Prefix> + 'm {
        let links = self.links().map(|(link, _)| link);
        let links = links.filter(move |link| link.vrf.as_ref().is_some_and(|it| it.name == *vrf));
        links.flat_map(|link| link.addresses.iter().copied().map(IfAddr::subnet))
    }
}

/// What the checks look up in a VRF.
#[derive(Debug)]
pub(in crate::config) struct VrfIndex {
    /// Where its name stands.
    pub(in crate::config) place: Span,
    /// Its table, where it says one.
    pub(in crate::config) table: Option<Located<u32>>,
    /// What is in its table.
    pub(in crate::config) index: Index,
}

impl Index {
    /// That of the table an interface is in that says this; `None` where there is no such VRF.
    pub(in crate::config) fn table_mut(&mut self, vrf: Option<&Located<VrfName>>) -> Option<&mut Self> {
        match vrf {
            None => Some(self),
            Some(vrf) => self.vrfs.get_mut(&vrf.value).map(|vrf| &mut vrf.index),
        }
    }

    /// That of the table an interface is in; the whole where there is no such VRF.
    pub(in crate::config) fn table_of(&self, vrf: &Field<VrfName>) -> &Self {
        let vrf = vrf.get().and_then(|vrf| self.vrfs.get(vrf));
        vrf.map_or(self, |vrf| &vrf.index)
    }

    /// The main table and those of the VRFs.
    pub(in crate::config) fn tables(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(self.vrfs.values().map(|vrf| &vrf.index))
    }

    /// The path of a key of its table: `routes`, or `vrfs.CUST.routes`.
    pub(in crate::config) fn path(&self, key: &str) -> String {
        match &self.vrf {
            None => key.to_owned(),
            Some(vrf) => format!("vrfs.{vrf}.{key}"),
        }
    }

    /// What the table of a VRF uses of the names that all of them share.
    fn shares(&mut self, vrf: &mut Self) {
        self.route_maps.used.append(&mut vrf.route_maps.used);
        self.prefix_lists.used.append(&mut vrf.prefix_lists.used);
        self.as_path_lists.used.append(&mut vrf.as_path_lists.used);
        self.bfd_profiles.used.append(&mut vrf.bfd_profiles.used);
    }
}

/// Enters the VRFs, before their interfaces: their names, routes and instances of BGP.
pub(in crate::config) fn index_vrfs(raw: &Field<VrfsRaw>, index: &mut Index) {
    for (name, table) in raw.entries() {
        index.dataplane_names.push(Name {
            name: name.value.to_string(),
            what: "a VRF",
            span: name.span,
        });
        let mut own = Index {
            vrf: Some(name.value.clone()),
            ..Index::default()
        };
        route::index_routes(&table.value.routes, &mut own);
        own.has_bgp = table.value.bgp.is_written();
        index.route_maps_of(Protocol::Bgp, |index| {
            if let Some(bgp) = table.value.bgp.get() {
                bgp::index_bgp(&bgp.instance, &mut own);
            }
            index.shares(&mut own);
        });
        let number = table.value.table.copied();
        let vrf = VrfIndex {
            place: name.span,
            table: number.map(|number| number.map(|number| number.0)),
            index: own,
        };
        index.vrfs.insert(name.value.clone(), vrf);
    }
}

/// What the VRFs take of the router where they do not say it.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) struct Router<'r> {
    /// `[bgp]`, as it is written.
    pub(in crate::config) raw: Option<&'r BgpRaw>,
    /// Its router id.
    pub(in crate::config) id: Option<RouterId>,
}

/// `[vrfs.NAME]`, checked, each against what is in it.
pub(in crate::config) fn vrfs(
    raw: &Field<VrfsRaw>,
    router: Router<'_>,
    cx: &mut Checking<'_>,
) -> BTreeMap<VrfName, Vrf> {
    let index = cx.index;
    let mut vrfs = BTreeMap::new();
    for (name, table) in raw.entries() {
        let Some(own) = index.vrfs.get(&name.value) else {
            continue;
        };
        let bgp = bgp_in(&name.value, table, router, &own.index, cx);
        let routes = route::routes(&table.value.routes, &mut cx.within(&own.index));
        let Some(number) = own.table else { continue };
        let vrf = Vrf {
            at: cx.at(table.span),
            table: number.value,
            routes,
            bgp,
        };
        vrfs.insert(name.value.clone(), vrf);
    }
    vrfs
}

fn bgp_in(
    vrf: &VrfName,
    table: &Located<VrfRaw>,
    router: Router<'_>,
    own: &Index,
    cx: &mut Checking<'_>,
) -> Option<Bgp> {
    let raw = table.value.bgp.located()?;
    let instance = instance(raw.value, router);
    if instance.asn.is_none() && !raw.value.asn.is_written() && router.raw.is_none() {
        let message = format!("BGP in the VRF '{vrf}' has no AS number");
        let error =
            Diagnostic::error(E0858, raw.span, message).label("and there is no [bgp] whose it could have");
        cx.report(error.hint("add `asn = 64500`"));
    }
    let id = match (raw.value.instance.router_id.is_written(), router.raw) {
        (true, _) => raw.value.instance.router_id.value(),
        (false, Some(_)) => router.id,
        (false, None) => default_router_id(raw.span, &own.path("bgp"), cx),
    };
    bgp::bgp(instance, id, &mut cx.within(own))
}

/// The instance of a VRF, before it is checked.
pub(in crate::config) fn instance<'r>(raw: &'r VrfBgpRaw, router: Router<'_>) -> BgpOf<'r> {
    BgpOf::vrf(raw, router.raw.and_then(|bgp| bgp.asn.copied()))
}

/// The instances of BGP as they are written, each with what is in its table.
pub(in crate::config) fn speakers<'r>(
    bgp: Option<&'r BgpRaw>,
    vrfs: &'r Field<VrfsRaw>,
    index: &'r Index,
) -> Vec<(BgpOf<'r>, &'r Index)> {
    let router = Router { raw: bgp, id: None };
    let main = bgp.map(|bgp| (BgpOf::router(bgp), index));
    let of_vrf = |(name, table): &'r (Located<VrfName>, Located<VrfRaw>)| {
        let own = index.vrfs.get(&name.value)?;
        Some((instance(table.value.bgp.get()?, router), &own.index))
    };
    main.into_iter()
        .chain(vrfs.entries().iter().filter_map(of_vrf))
        .collect()
}

/// No two VRFs have one table, and each has an interface.
pub(in crate::config) fn tables_differ(index: &Index, found: &mut Findings) {
    let mut seen: BTreeMap<u32, Span> = BTreeMap::new();
    for vrf in index.vrfs.values() {
        let Some(table) = vrf.table else { continue };
        if let Some(first) = seen.insert(table.value, table.span) {
            let message = format!("two VRFs have the table {}", table.value);
            found.report(Diagnostic::error(E0856, table.span, message).also(first, "the other one"));
        }
    }
    if found.errors() > 0 {
        return;
    }
    let used: BTreeSet<&VrfName> = index.in_vrf.values().map(|vrf| &vrf.value).collect();
    for (name, vrf) in &index.vrfs {
        if !used.contains(name) {
            let warning =
                Diagnostic::warning(E0852, vrf.place, format!("no interface is in the VRF '{name}'"));
            found.report(warning.hint(format!("add `vrf = \"{name}\"` to its interfaces")));
        }
    }
}

/// What comes back from a NAT module is routed in the main table, and would not find a subscriber in a VRF.
pub(in crate::config) fn nobody_is_translated(index: &Index, found: &mut Findings) {
    for from in &index.nat_from {
        if let Some(vrf) = index.in_vrf.get(&from.value) {
            let message = format!(
                "NAT in a VRF is not in this version, and '{}' is in '{}'",
                from.value, vrf.value
            );
            found.report(
                Diagnostic::error(E0857, from.span, message)
                    .label("what comes back is routed in the main table")
                    .also(vrf.span, "its VRF"),
            );
        }
    }
}

/// The tables of the VRFs, with the names of these.
pub(in crate::config) fn names_of_tables(index: &Index) -> BTreeMap<u32, &VrfName> {
    let vrfs = index.vrfs.iter();
    vrfs.filter_map(|(name, vrf)| Some((vrf.table?.value, name)))
        .collect()
}

/// Routes written at the top for the table of a VRF.
pub(in crate::config) fn tables_are_named(field: &Field<RoutesRaw>, cx: &mut Checking<'_>) {
    let index = cx.index;
    let names = names_of_tables(index);
    for (number, place) in route::tables(field) {
        if let Some(name) = names.get(&number) {
            let message = format!("the table {number} is that of the VRF '{name}'");
            cx.report(Diagnostic::error(E0855, place, message).hint(format!(
                "write the route in [vrfs.{name}.routes], without `table`"
            )));
        }
    }
}

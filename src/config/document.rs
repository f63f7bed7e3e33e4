//! The document root: every `*.toml` in name order, read once, as one document.

use super::check::Checking;
use super::code::{E0101, E0102, E0104, E0105, E0107, E0108};
use super::diag::{Diagnostic, Findings};
use super::index::{Index, Protocol};
use super::keys::{Reading, Takes, Value};
use super::links::check::{address, cores, names, nic, switch, tunnel as ends, wireguard};
use super::links::{
    acl, bridge, carrier, check as links, dataplane, export, interface, plugin, startup, traffic, tunnel,
};
use super::machine::{firewall, identity, management, monitoring, system, user};
use super::raw::{DocumentRaw, VERSION};
use super::read::{read, templates};
use super::routing::check::policy::Policy;
use super::routing::ospf::checked::{self as ospf, OspfVersion, SharedRouterId};
use super::routing::raw::BgpInstanceRaw;
use super::routing::{bfd, bgp, check, extra, isis, list, log, prefix_list, route, route_map, rpki, vrf};
use super::source::{Files, Sources, Span};
use super::{Model, Parsed, Redistribute, boot, incus, machine, merge, nat};
use serde_spanned::Spanned;
use std::collections::BTreeSet;
use toml::de::DeValue;

/// Reads, merges, decodes and checks the whole configuration; every error of it in one run.
///
/// There is a Model exactly when no finding is an error. Findings come in the documents' order.
pub fn parse(files: &dyn Files) -> Parsed {
    let mut found = Vec::new();
    let read = read(files, &mut found);
    let mut unread = Vec::new();
    let merged = Spanned::new(0..0, DeValue::Table(merge::all(&read, &mut found, &mut unread)));
    let mut reading = Reading {
        files,
        found: Findings::new(found),
        texts: read.sources.behind(),
        document: DocumentRaw::DECLARATION,
    };
    let model = match read.documents.is_empty() {
        true => None,
        false => model(&Value::document(&merged), &read.sources, &mut reading),
    };
    let Reading { found, texts, .. } = reading;
    let mut diagnostics = found.into_list();
    drop(merged);
    let mut sources = read.sources;
    sources.append(texts);
    silence(&mut diagnostics, &unread);
    once(&mut diagnostics);
    diagnostics.sort_by_key(|d| d.place.as_ref().map(|(span, _)| *span));
    Parsed {
        model,
        diagnostics,
        sources,
    }
}

/// Drops findings that unreadable text may have caused: a key that seems to be missing, a name that seems undefined.
fn silence(diagnostics: &mut Vec<Diagnostic>, unread: &[Span]) {
    if unread.is_empty() {
        return;
    }
    let inside = |span: &Span| {
        let next = unread.partition_point(|u| u.start <= span.start);
        next.checked_sub(1)
            .is_some_and(|before| span.start < unread[before].end)
    };
    diagnostics.retain(|d| {
        let about_syntax = d.code == E0101 || d.code == E0102;
        let place = d.place.as_ref().map(|(span, _)| span);
        about_syntax
            || (d.code.is_about_text() && d.code != E0104 && d.code != E0108 && !place.is_some_and(inside))
    });
}

/// Drops what is said of the type of a table that stands in the place of a value: that it is there at all is said already.
fn once(diagnostics: &mut Vec<Diagnostic>) {
    let of = |code| move |it: &&Diagnostic| it.code == code;
    let place = |it: &Diagnostic| it.place.as_ref().map(|(span, _)| *span);
    let twice: BTreeSet<u32> = diagnostics
        .iter()
        .filter(of(E0107))
        .filter_map(|it| Some(place(it)?.start))
        .collect();
    let is_twice = |span: Span| twice.range(span.start..span.end).next().is_some();
    diagnostics.retain(|it| it.code != E0105 || !place(it).is_some_and(is_twice));
}

/// Whether the document is one this build reads; one without a number is read as such, and reported.
fn is_ours(document: &Value<'_>, found: &mut Findings) -> bool {
    let version = document.entry("config-version");
    let other = version.and_then(|version| Some((version.span(), version.as_number()?)));
    let Some((span, number)) = other.filter(|(_, number)| *number != VERSION) else {
        return true;
    };
    let message = format!("unsupported config-version {number}");
    let error = Diagnostic::error(E0108, span, message);
    found.report(error.label(format!("this build supports {VERSION}")));
    false
}

/// What the checks look up in other tables.
fn indexed(raw: &DocumentRaw) -> Index {
    let mut index = Index::default();
    system::index_binds(&raw.binds, &mut index);
    identity::index_identity(&raw.identity, &mut index);
    management::index_management(&raw.management, &mut index);
    dataplane::index_instances(&raw.instances, &mut index);
    // Before the interfaces, which are in them.
    vrf::index_vrfs(&raw.vrfs, &mut index);
    interface::index_loopbacks(&raw.loopbacks, &mut index);
    interface::index_interfaces(&raw.interfaces, &mut index);
    tunnel::index_tunnels(&raw.tunnels, &mut index);
    bridge::index_bridges(&raw.bridges, &mut index);
    incus::index_bridges(&raw.incus, &mut index);
    nat::index_nats(&raw.nats, &mut index);
    nat::links::index_links(&raw.nats, &mut index);
    acl::index_acls(&raw.acls, &mut index);
    index.policers.define(raw.policers.names());
    prefix_list::index_prefix_lists(&raw.prefix_lists, &mut index);
    route_map::index_policy(lists(raw), &raw.route_maps, &mut index);
    route::index_routes(&raw.routes, &mut index);
    bgp::index_profiles(&raw.bfd, &mut index);
    index.has_bgp = raw.bgp.is_written();
    if let Some(bgp) = raw.bgp.get() {
        index.route_maps_of(Protocol::Bgp, |index| bgp::index_bgp(&bgp.instance, index));
    }
    index.route_maps_of(Protocol::Ospf, |index| {
        ospf::index_ospf(&raw.ospf, OspfVersion::V2, index)
    });
    index.route_maps_of(Protocol::Ospf6, |index| {
        ospf::index_ospf(&raw.ospf6, OspfVersion::V3, index)
    });
    index.route_maps_of(Protocol::Isis, |index| isis::index_isis(&raw.isis, index));
    if let Some(extra) = raw.frr.get().and_then(|frr| frr.extra_file.get()) {
        extra::index_extra(extra, &mut index);
    }
    index.connect();
    index
}

/// The lists of what routes carry.
fn lists(raw: &DocumentRaw) -> route_map::Lists<'_> {
    route_map::Lists {
        as_paths: &raw.as_path_lists,
        communities: &raw.community_lists,
        large_communities: &raw.large_community_lists,
    }
}

/// Decodes every table, checks each, then compares them. The only place a [`Model`] is made.
fn model(document: &Value<'_>, sources: &Sources, reading: &mut Reading<'_>) -> Option<Model> {
    if !is_ours(document, &mut reading.found) {
        return None;
    }
    let raw = DocumentRaw::read(document, reading)?;
    let mut index = indexed(&raw);
    let (files, found) = (reading.files, &mut reading.found);
    let before = found.errors();
    let cx = &mut Checking {
        sources,
        files,
        index: &index,
        found,
    };
    let loopbacks = interface::loopbacks(&raw.loopbacks, cx);
    let interfaces = interface::interfaces(&raw.interfaces, cx);
    let tunnels = tunnel::tunnels(&raw.tunnels, cx);
    let bridges = bridge::bridges(&raw.bridges, cx);
    let incus = incus::incus(&raw.incus, cx);
    let flawed = [
        raw.loopbacks.is_flawed(),
        raw.interfaces.is_flawed(),
        raw.tunnels.is_flawed(),
        raw.bridges.is_flawed(),
        raw.incus.is_flawed(),
    ];
    if flawed.contains(&true) || found.errors() > before {
        index.refuse_l3();
    }
    let cx = &mut Checking {
        sources,
        files,
        index: &index,
        found,
    };
    let bgp = bgp::router(&raw.bgp, cx);
    // Without a BGP router id its lack is reported there.
    let router_id = match raw.bgp.is_written() {
        true => SharedRouterId::Bgp(bgp.as_ref().map(|bgp| bgp.router_id)),
        false => SharedRouterId::Lo0,
    };
    let system = system::system(&raw.system, cx);
    let exported = (&raw.sflow, &raw.ipfix, &raw.lldp);
    let hostname = system.as_ref().map(|system| &system.hostname);
    let export = export::export(exported, &raw.interfaces, hostname, cx);
    let users = user::users(&raw.users, cx);
    let snmp = monitoring::snmp(&raw.snmp, cx);
    let identity = identity::identity(&raw.identity, cx);
    let binds = system::binds(&raw.binds, cx);
    let management = management::management(&raw.management, cx);
    let firewall = firewall::firewall(&raw.firewall, cx);
    let instances = dataplane::instances(&raw.instances, cx);
    let policers = traffic::policers(&raw.policers, cx);
    let routes = route::routes(&raw.routes, cx);
    vrf::tables_are_named(&raw.routes, cx);
    let router = vrf::Router {
        raw: raw.bgp.get(),
        id: bgp.as_ref().map(|bgp| bgp.router_id),
    };
    let vrfs = vrf::vrfs(&raw.vrfs, router, cx);
    let nats = nat::nats(&raw.nats, cx);
    let prefix_lists = prefix_list::prefix_lists(raw.prefix_lists);
    let acls = acl::acls(&raw.acls, &prefix_lists, cx);
    let as_path_lists = list::as_path_lists(&raw.as_path_lists, cx);
    let community_lists = list::community_lists(&raw.community_lists, cx);
    let large_community_lists = list::large_community_lists(&raw.large_community_lists, cx);
    let rpki = rpki::rpki(&raw.rpki, cx);
    let mut route_maps = route_map::route_maps(&raw.route_maps, cx);
    let ospf = ospf::ospf(&raw.ospf, OspfVersion::V2, router_id, cx);
    let ospf6 = ospf::ospf(&raw.ospf6, OspfVersion::V3, router_id, cx);
    let isis = isis::isis(&raw.isis, cx);
    let asn = raw.bgp.get().and_then(|bgp| bgp.asn.copied());
    let frr_log = log::log(&raw.frr, cx);
    let frr_extra = extra::check::extra(&raw.frr, asn, cx);
    let boot = boot::boot(&raw.boot, cx);
    let apply = system::apply(&raw.apply);
    let identity_ports = identity::ports(cx);
    let identity_hosts = identity::hosts(cx);
    let templates = templates(cx);
    check::name::names_are_defined_and_used(cx);
    let commands = instances.values().filter_map(|it| it.extra_commands.as_deref());
    let lines = frr_extra.as_ref().map(|extra| extra.text.as_str());
    let mut tables = route::tables(&raw.routes);
    tables.retain(|(table, _)| !vrfs.values().any(|vrf| vrf.table == *table));
    check::tables_are_read(&tables, commands.chain(lines), cx);
    let maps = Policy::new(&raw.route_maps, &prefix_lists, cx);
    maps.fit_together(&raw.rpki, cx);
    maps.fit_their_users(cx);
    maps.delete_what_is_meant(&community_lists, &large_community_lists, cx);
    for name in maps.users(Protocol::Bgp, &index).into_keys() {
        if let Some(map) = route_maps.get_mut(name) {
            map.of_bgp = true;
        }
    }
    let speakers = vrf::speakers(raw.bgp.get(), &raw.vrfs, &index);
    let igps = [raw.ospf.get(), raw.ospf6.get()];
    maps.check(&speakers, igps, cx);
    let caches = rpki::servers(&raw.rpki);
    system::names_can_be_looked_up(&raw.system, &raw.management, caches, cx);
    check::down::nothing_waits(&speakers, cx);
    for (bgp, table) in &speakers {
        check::source::sources_are_known(*bgp, igps, &mut cx.within(table));
    }
    startup::stanzas_fit(&raw.instances, &raw.interfaces, &nat::modes(&raw.nats), cx);
    let ospf_announces_statics = ospf.iter().flat_map(|ospf| &ospf.redistribute);
    let protocols = nat::reach::Protocols {
        ospf_announces_statics: ospf_announces_statics
            .clone()
            .any(|it| it.source == Redistribute::Static),
        bgp: raw.bgp.get().map(|bgp| announced(&bgp.instance)),
    };
    compare(&index, found);
    links::needed::acls_let_in_what_is_needed(&acls, &speakers, &index, found);
    nat::reach::inside_is_somewhere(&index, found);
    nat::reach::inside_is_steered(&index, found);
    nat::reach::pools_are_announced(&index, &protocols, found);
    nat::reach::no_route_has_a_pool(&index, found);
    let core = raw
        .instances
        .entries()
        .iter()
        .find(|(name, _)| name.value.as_ref() == "core");
    let commands = core.and_then(|(name, table)| {
        let text = instances.get(&name.value)?.extra_commands.as_deref()?;
        Some((text, table.value.extra_commands_file.span()?))
    });
    carrier::extra_commands_make_it(&raw.interfaces, commands.map(|(text, _)| text), found);
    nat::acl::numbers_are_of_their_own(commands, found);
    nat::differ::prefixes_stay(&instances, &index, found);
    if found.errors() > 0 {
        return None;
    }
    let model = Model {
        system: system?,
        users,
        snmp,
        prometheus: monitoring::prometheus(&raw.prometheus),
        identity,
        binds,
        management,
        firewall,
        dataplane: dataplane::dataplane(&raw.dataplane),
        instances,
        loopbacks,
        interfaces,
        bridges,
        tunnels,
        acls,
        policers,
        export,
        routes,
        vrfs,
        nats,
        bgp,
        bfd: bfd::bfd(&raw.bfd),
        prefix_lists,
        as_path_lists,
        community_lists,
        large_community_lists,
        rpki,
        route_maps,
        ospf,
        ospf6,
        isis,
        frr_log,
        frr_extra,
        incus,
        boot,
        apply,
        identity_ports,
        identity_hosts,
        templates,
        documents: sources.names(),
    };
    let extra = core.and_then(|(_, table)| table.value.extra_startup_file.get());
    plugin::none_is_named_again(&model, extra, found);
    wireguard::no_message_is_kept(&model, extra, found);
    (found.errors() == 0).then_some(model)
}

/// What `[bgp]` announces.
fn announced(bgp: &BgpInstanceRaw) -> nat::reach::InBgp {
    let networks = bgp.networks.items().iter().map(|network| network.value);
    let aggregates = bgp.aggregates.entries().iter().map(|(prefix, _)| prefix.value);
    let is_flawed = bgp.networks.is_flawed() || bgp.aggregates.is_flawed();
    nat::reach::InBgp {
        announced: networks.chain(aggregates).collect(),
        networks: bgp.networks.span(),
        may_be_more: is_flawed || bgp.redistribute.is_written(),
    }
}

/// Compares the tables with each other. All of it is linear, or a sort and a sweep.
fn compare(index: &Index, found: &mut Findings) {
    machine::check::system::targets_differ(index, found);
    nic::no_nic_is_matched_twice(index, found);
    nic::hardware_addresses_differ(index, found);
    names::nothing_is_called_alike(index, found);
    names::nothing_is_called_like_vpps_own(index, found);
    switch::ports_are_there(index, found);
    switch::each_does_one_thing(index, found);
    switch::nothing_routes_on_them(index, found);
    ends::tunnels_differ(index, found);
    wireguard::peers_differ(index, found);
    address::subnets_are_disjoint(index, found);
    vrf::tables_differ(index, found);
    vrf::nobody_is_translated(index, found);
    links::traffic::mirrors_lead_somewhere(index, found);
    links::traffic::relays_agree(index, found);
    cores::core_is_there(index, found);
    cores::cores_have_one_owner(index, found);
    nat::heaps_hold_their_modules(index, found);
    nat::check::instances_are_their_own(index, found);
    nat::check::interfaces_exist(index, found);
    nat::check::prefixes_are_disjoint(index, found);
    nat::check::outside_is_not_connected(index, found);
    nat::differ::nat64_prefixes_are_disjoint(index, found);
    nat::links::links_are_free(index, found);
    cores::instances_have_work(index, found);
}

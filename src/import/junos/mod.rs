//! A Junos configuration: `display set`, `display json`, or with braces.

mod announced;
mod as_path;
mod bgp;
mod bond;
mod bridge;
mod distance;
mod export;
mod filter;
mod inactive;
mod instance;
mod json;
mod limit;
mod link;
mod lists;
mod machine;
mod map;
mod open;
mod ospf;
mod packet;
mod pattern;
mod policy;
mod prefixes;
mod route;
mod session;
mod statement;
mod tags;
mod term;
mod tunnel;
mod unit;
mod vrrp;

use super::document::{Place, Table, Value};
use super::left::Why;
use super::site::Site;
use super::vrf::Routing;
use bgp::Groups;
use bond::Bonds;
use bridge::Bridges;
use export::Exports;
use filter::Filters;
use inactive::Inactive;
use indexmap::IndexMap;
use instance::Instances;
use link::Units;
use ospf::Areas;
use policy::Statements;
use route::Routes;
use statement::Statement;
use vrrp::Routers;

/// A Junos configuration while it is read.
#[derive(Debug)]
struct Junos {
    site: Site,
    units: Units,
    routes: Routes,
    groups: Groups,
    policies: Statements,
    filters: Filters,
    bonds: Bonds,
    routers: Routers,
    exports: Exports,
    /// Where the log is sent, by server.
    syslog: IndexMap<String, Table>,
    instances: Instances,
    inactive: Inactive,
    /// The first statement about groups, and how many there are.
    grouped: Option<(Place, usize)>,
    bridges: Bridges,
    areas: Areas,
    /// Whether OSPF runs anywhere.
    speaks_ospf: bool,
}

/// Reads a Junos configuration.
pub(super) fn read(mut site: Site, file: usize, text: &str) -> Site {
    let mut found = statement::read(file, text);
    // What is deactivated must not look like a unit, a domain or an instance to what is not.
    let inactive = Inactive::of(std::mem::take(&mut found.inactive), &found.statements);
    let statements = std::mem::take(&mut found.statements).into_iter();
    let mut off: Vec<(Statement, Why)> = Vec::new();
    found.statements = statements
        .filter_map(|statement| match inactive.why(&statement) {
            Some(why) => {
                off.push((statement, why));
                None
            }
            None => Some(statement),
        })
        .collect();
    let units = Units::of(&found.statements);
    let bridges = Bridges::of(&found.statements);
    let mut room = units.room();
    for name in bridges.trunks() {
        let most = room.entry(name.to_owned()).or_insert(0);
        *most = bridge::LONGEST_TAG.max(*most);
    }
    for (name, bytes) in room {
        site.leave_room(&name, bytes);
    }
    let mut junos = Junos {
        units,
        site,
        routes: Routes::default(),
        groups: Groups::default(),
        policies: Statements::default(),
        filters: Filters::default(),
        bonds: Bonds::default(),
        routers: Routers::default(),
        exports: Exports::default(),
        syslog: IndexMap::new(),
        instances: Instances::of(&found.statements),
        inactive,
        grouped: None,
        bridges,
        areas: Areas::default(),
        speaks_ospf: false,
    };
    for unreadable in found.unreadable {
        let line = unreadable.line;
        let why = Why::Because(unreadable.why);
        junos.site.draft.leave(Place { file, line }, "", why);
    }
    for (statement, why) in off {
        junos.leave(&statement, why);
    }
    for statement in &found.statements {
        junos.statement(statement);
    }
    junos.finish_bridges();
    junos.inherit_policies();
    junos.policies.settle_families();
    junos.finish_announced();
    junos.finish_routes();
    junos.finish_bgp();
    // They need the prefix-lists.
    junos.finish_filters();
    junos.finish_policies();
    junos.finish_areas();
    junos.finish_links();
    junos.finish_bonds();
    junos.finish_vrrp();
    junos.finish_exports();
    junos.finish_machine();
    junos.finish_groups_of_statements();
    junos.site
}

impl Junos {
    fn statement(&mut self, statement: &Statement) {
        let words: Vec<&str> = statement.words.iter().map(String::as_str).collect();
        match words[..] {
            ["groups", ..] | [.., "apply-groups" | "apply-groups-except", _] => {
                let (_, count) = self.grouped.get_or_insert((statement.place, 0));
                *count += 1;
            }
            // An empty configuration, and what says nothing of the router.
            []
            | [
                "version" | "interfaces" | "protocols" | "system" | "routing-instances" | "bridge-domains"
                | "vlans",
                ..,
            ] if words.len() < 2 || words[0] == "version" => {}
            ["system", ref what @ ..] => self.system(what, statement),
            ["snmp", ref what @ ..] => self.snmp(what, statement),
            ["firewall", ref what @ ..] => self.firewall(what, statement),
            ["forwarding-options", ref what @ ..] if matches!(what, ["dhcp-relay" | "helpers", ..]) => {
                self.relay(what, statement);
            }
            ["protocols", "sflow", ref what @ ..] => self.sflow(what, statement),
            ["protocols", "lldp", ref what @ ..] => self.lldp(what, statement),
            ["protocols", "vrrp", "version-3"] => self.routers.speaks_version_3 = true,
            ["protocols", "bgp", ref what @ ..] => self.bgp(&Routing::main(), what, statement),
            ["interfaces", name, ref what @ ..] => self.interface(name, what, statement),
            [
                "routing-options",
                "validation",
                "group",
                _,
                "session",
                cache,
                ref what @ ..,
            ] => {
                self.rpki_cache(cache, what, statement);
            }
            ["routing-options", "rib", "inet6.0" | "inet.0", ref what @ ..]
            | ["routing-options", ref what @ ..] => {
                self.routing_option(&Routing::main(), what, statement);
            }
            ["routing-instances", name, ref what @ ..] => self.instance(name, what, statement),
            ["bridge-domains" | "vlans", name, ref what @ ..] => self.bridge_domain(name, what, statement),
            ["protocols", "ospf", ref what @ ..] => self.ospf("ospf", what, statement),
            ["protocols", "ospf3", ref what @ ..] => self.ospf("ospf6", what, statement),
            ["protocols", "isis", "interface", ..] => self.leave_for(statement, "interfaces.NAME.isis"),
            ["protocols", "isis", ..] => self.leave_for(statement, "[isis]"),
            ["policy-options", ref what @ ..] => self.policy_option(what, statement),
            ["chassis", ..] => self.leave(statement, Why::Foreign("its hardware is another")),
            _ => self.leave(statement, Why::NotYet),
        }
    }

    /// A group is written elsewhere than where it applies, which Junos can undo.
    fn finish_groups_of_statements(&mut self) {
        if let Some((place, count)) = self.grouped {
            let why = format!(
                "groups and apply-groups are not read, {count} statements in all: write the configuration with 'show configuration | display inheritance no-comments | display set'; its groups are then where they apply"
            );
            self.site.draft.leave(place, "groups", Why::Because(why));
        }
    }

    /// A cache of RPKI. The one that is written first is asked first.
    fn rpki_cache(&mut self, cache: &str, what: &[&str], statement: &Statement) {
        let place = statement.place;
        let caches = self.site.draft.table(&["rpki", "caches"], place);
        let number = caches.children().position(|(name, _)| name == cache);
        let number = number.unwrap_or(caches.children().count()) + 1;
        let path = ["rpki", "caches", cache];
        self.site
            .draft
            .set(&path, "preference", Value::number(&number.to_string()), place);
        match *what {
            [] => {}
            ["port", port] => self.site.draft.set(&path, "port", Value::number(port), place),
            _ => self.leave(statement, Why::NotYet),
        }
    }

    fn leave(&mut self, statement: &Statement, why: Why) {
        let words = statement.words.join(" ");
        self.site.draft.leave(statement.place, &words, why);
    }
}

//! A Junos configuration: `display set`, `display json`, or with braces.

mod as_path;
mod bgp;
mod bond;
mod bridge;
mod export;
mod filter;
mod instance;
mod link;
mod lists;
mod machine;
mod packet;
mod policy;
mod route;
mod statement;
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
use indexmap::IndexMap;
use instance::Instances;
use link::Units;
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
    bridges: Bridges,
    /// Whether OSPF runs anywhere.
    speaks_ospf: bool,
}

/// Reads a Junos configuration.
pub(super) fn read(mut site: Site, file: usize, text: &str) -> Site {
    let found = statement::read(file, text);
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
        bridges,
        speaks_ospf: false,
    };
    for unreadable in found.unreadable {
        let line = unreadable.line;
        let why = Why::Because(unreadable.why);
        junos.site.draft.leave(Place { file, line }, "", why);
    }
    let mut inactive = found.inactive;
    inactive.sort();
    for statement in &found.statements {
        match is_below(&statement.words, &inactive) {
            true => junos.leave(statement, Why::Because("it is deactivated".to_owned())),
            false => junos.statement(statement),
        }
    }
    junos.finish_bridges();
    junos.finish_routes();
    junos.finish_bgp();
    // They need the prefix-lists.
    junos.finish_filters();
    junos.finish_policies();
    junos.finish_links();
    junos.finish_bonds();
    junos.finish_vrrp();
    junos.finish_exports();
    junos.finish_machine();
    junos.site
}

/// Whether a statement is one of these paths or below one; they are sorted.
fn is_below(words: &[String], paths: &[Vec<String>]) -> bool {
    (1..=words.len()).any(|length| {
        paths
            .binary_search_by(|path| path[..].cmp(&words[..length]))
            .is_ok()
    })
}

impl Junos {
    fn statement(&mut self, statement: &Statement) {
        let words: Vec<&str> = statement.words.iter().map(String::as_str).collect();
        match words[..] {
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
            [
                "protocols",
                protocol @ ("ospf" | "ospf3"),
                "area",
                area,
                "interface",
                name,
                ref what @ ..,
            ] => {
                let ours = if protocol == "ospf" { "ospf" } else { "ospf6" };
                self.ospf(ours, area, name, what, statement);
            }
            ["policy-options", ref what @ ..] => self.policy_option(what, statement),
            ["chassis", ..] => self.leave(statement, Why::Foreign("its hardware is another")),
            _ => self.leave(statement, Why::NotYet),
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

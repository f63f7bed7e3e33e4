//! A Junos configuration: `display set`, `display json`, or with braces.

mod bgp;
mod link;
mod policy;
mod route;
mod statement;
mod term;

use super::document::{Place, Value};
use super::left::Why;
use super::site::Site;
use bgp::Groups;
use link::Units;
use policy::Statements;
use route::Routes;
use statement::Statement;

/// A Junos configuration while it is read.
#[derive(Debug)]
struct Junos {
    site: Site,
    units: Units,
    routes: Routes,
    groups: Groups,
    policies: Statements,
    asn: Option<(String, Place)>,
    router_id: Option<(String, Place)>,
}

/// Reads a Junos configuration.
pub(super) fn read(site: Site, file: usize, text: &str) -> Site {
    let found = statement::read(file, text);
    let mut junos = Junos {
        units: Units::of(&found.statements),
        site,
        routes: Routes::default(),
        groups: Groups::default(),
        policies: Statements::default(),
        asn: None,
        router_id: None,
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
    junos.finish_routes();
    junos.finish_bgp();
    junos.finish_policies();
    junos.finish_links();
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
        let place = statement.place;
        match words[..] {
            // An empty configuration, and what says nothing of the router.
            [] | ["version" | "interfaces" | "protocols" | "system", ..]
                if words.len() < 2 || words[0] == "version" => {}
            ["system", "host-name", name] => self.site.hostname(name, place),
            ["system", "name-server", server, ..] => {
                self.site.draft.push(&["system"], "nameservers", server, place)
            }
            ["system", "domain-name" | "domain-search", domain] => {
                self.site.draft.push(&["system"], "search", domain, place);
            }
            ["interfaces", name, ref what @ ..] => self.interface(name, what, statement),
            ["routing-options", "autonomous-system", asn, ..] => self.asn = Some((asn.to_owned(), place)),
            ["routing-options", "router-id", id] => self.router_id = Some((id.to_owned(), place)),
            ["routing-options", "static", "route", prefix, ref what @ ..]
            | [
                "routing-options",
                "rib",
                "inet6.0" | "inet.0",
                "static",
                "route",
                prefix,
                ref what @ ..,
            ] => {
                self.route(prefix, what, statement);
            }
            ["protocols", "bgp", "group", group, ref what @ ..] => self.group(group, what, statement),
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

    fn leave(&mut self, statement: &Statement, why: Why) {
        let words = statement.words.join(" ");
        self.site.draft.leave(statement.place, &words, why);
    }

    /// The AS number and the router id belong to the protocols that are there.
    fn finish_bgp(&mut self) {
        self.finish_groups();
        if self.site.draft.root.has("bgp")
            && let Some((asn, place)) = &self.asn
        {
            self.site.draft.set(&["bgp"], "asn", Value::number(asn), *place);
        }
        if let Some((id, place)) = self.router_id.take() {
            let table = match self.site.draft.root.has("bgp") {
                true => "bgp",
                false => "ospf",
            };
            self.site.draft.set(&[table], "router-id", id.as_str(), place);
        }
    }
}

//! What Junos says of a routing table: `routing-options`, and `routing-instances`, which are VRFs.

use super::Junos;
use super::link::is_management;
use super::statement::Statement;
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::vrf::Routing;
use std::collections::HashMap;

/// What has to be known of instances before the first of them is read, and what is settled when all of them are.
#[derive(Debug, Default)]
pub(super) struct Instances {
    /// The type of each, by its name.
    types: HashMap<String, String>,
    /// The AS number that each table says.
    asns: HashMap<Routing, (String, Place)>,
    /// The router id likewise.
    router_ids: HashMap<Routing, (String, Place)>,
}

/// The instance that management is in: here it is in the host's namespace, without being told.
pub(super) const MANAGEMENT: &str = "mgmt_junos";

impl Instances {
    /// The instances of a configuration.
    pub fn of(statements: &[Statement]) -> Self {
        let mut instances = Self::default();
        for statement in statements {
            if let [first, name, key, kind] = &statement.words[..]
                && (first.as_str(), key.as_str()) == ("routing-instances", "instance-type")
            {
                instances.types.insert(name.clone(), kind.clone());
            }
        }
        instances
    }
}

impl Junos {
    /// `routing-options …` of a table.
    pub(super) fn routing_option(&mut self, routing: &Routing, what: &[&str], statement: &Statement) {
        let said = |text: &str| (text.to_owned(), statement.place);
        match *what {
            [] => {}
            ["autonomous-system", "loops", ..] => self.leave_loops(statement),
            ["autonomous-system", asn, ref how @ ..] => {
                self.instances.asns.insert(routing.clone(), said(asn));
                match *how {
                    [] | ["asdot-notation"] => {}
                    ["loops", ..] => self.leave_loops(statement),
                    _ => self.leave(statement, Why::NotYet),
                }
            }
            ["router-id", id] => {
                self.instances.router_ids.insert(routing.clone(), said(id));
            }
            ["static", "defaults", word @ ("readvertise" | "no-readvertise")] => {
                self.offers_routes(routing, word == "readvertise");
            }
            ["static", "route", prefix, ref what @ ..] => self.route(routing, prefix, what, statement),
            ["aggregate", "route", prefix, ..] => {
                let bgp = routing.path(&["bgp", "aggregates"]).join(".");
                let networks = routing.path(&["bgp"]).join(".");
                let why = format!(
                    "write [{bgp}.\"{prefix}\"], which announces it only while there is a route inside of it, or add it to [{networks}] networks"
                );
                self.leave(statement, Why::Because(why));
            }
            _ => self.leave(statement, Why::NotYet),
        }
    }

    /// How often the own AS may be in a path is said of each neighbour here.
    fn leave_loops(&mut self, statement: &Statement) {
        let why = "allowas-in of a neighbour or a peer-group says how often it may be in a path: one time less than this".to_owned();
        self.leave(statement, Why::Because(why));
    }

    /// `routing-instances NAME …`.
    pub(super) fn instance(&mut self, name: &str, what: &[&str], statement: &Statement) {
        if name == MANAGEMENT {
            return self.management_instance(what, statement);
        }
        match self.instances.types.get(name).map(String::as_str) {
            Some("virtual-router" | "vrf") => {}
            kind => {
                let why = match kind {
                    Some(kind) => format!("an instance of type {kind} is not in this version"),
                    None => "an instance without a type is no routing table of its own".to_owned(),
                };
                return self.leave(statement, Why::Because(why));
            }
        }
        let place = statement.place;
        let routing = self.site.vrf(name, place);
        match *what {
            [] | ["instance-type", _] => {}
            ["description", _] => {
                let why = "a VRF has no description".to_owned();
                self.leave(statement, Why::Because(why));
            }
            ["interface", name] if is_management(name.split('.').next().unwrap_or(name)) => {
                let why = "management is in the host's namespace".to_owned();
                self.leave(statement, Why::Because(why));
            }
            ["interface", name] => {
                if let Some(link) = self.known_link(name, statement) {
                    self.site.put_into(&link, &routing, place);
                }
            }
            ["routing-options", "rib", rib, ref what @ ..]
                if rib
                    .strip_prefix(name)
                    .is_some_and(|rib| [".inet.0", ".inet6.0"].contains(&rib)) =>
            {
                self.routing_option(&routing, what, statement);
            }
            ["routing-options", ref what @ ..] => self.routing_option(&routing, what, statement),
            ["protocols"] => {}
            ["protocols", "bgp", ref what @ ..] => self.bgp(&routing, what, statement),
            [
                "protocols",
                protocol @ ("ospf" | "ospf3" | "isis" | "rip" | "ripng"),
                ..,
            ] => {
                let why =
                    format!("in a VRF there are BGP and static routes in this version, and no {protocol}");
                self.leave(statement, Why::Because(why));
            }
            [
                "route-distinguisher"
                | "vrf-target"
                | "vrf-import"
                | "vrf-export"
                | "vrf-table-label"
                | "no-vrf-advertise"
                | "no-vrf-propagate-ttl"
                | "vrf-propagate-ttl",
                ..,
            ] => {
                let why = "VPNs over MPLS are not in this version: a VRF has its own routes alone".to_owned();
                self.leave(statement, Why::Because(why));
            }
            _ => self.leave(statement, Why::NotYet),
        }
    }

    /// What leads out of management's own table is its gateway.
    fn management_instance(&mut self, what: &[&str], statement: &Statement) {
        let place = statement.place;
        let route = match *what {
            [] | ["description", _] => return,
            ["routing-options", "static", "route", ref route @ ..]
            | ["routing-options", "rib", _, "static", "route", ref route @ ..] => route,
            _ => return self.leave(statement, Why::NotYet),
        };
        match *route {
            ["0.0.0.0/0", "next-hop", hop] => self.site.draft.set(&["management"], "gateway", hop, place),
            ["::/0", "next-hop", hop] => self.site.draft.set(&["management"], "gateway6", hop, place),
            [_, "no-readvertise" | "retain"] => {}
            _ => self.leave(statement, Why::NotYet),
        }
    }

    /// The AS number of BGP in a table: its own, else that of the router.
    pub(super) fn asn_of(&self, routing: &Routing) -> Option<&(String, Place)> {
        let asns = &self.instances.asns;
        asns.get(routing).or_else(|| asns.get(&Routing::main()))
    }

    /// The AS number and the router id belong to the protocols that are there.
    pub(super) fn finish_bgp(&mut self) {
        self.finish_groups();
        let main = Routing::main();
        let vrfs = self.site.vrfs_with_bgp();
        let is_in_main = self.site.draft.root.has("bgp");
        for routing in vrfs.iter().chain(is_in_main.then_some(&main)) {
            if let Some((asn, place)) = self.asn_of(routing).cloned() {
                let path = routing.path(&["bgp"]);
                self.site.draft.set(&path, "asn", Value::number(&asn), place);
            }
        }
        let ids = std::mem::take(&mut self.instances.router_ids);
        for routing in &vrfs {
            // That of [bgp] is the one of all VRFs where there is [bgp].
            let own = ids.get(routing);
            if let Some((id, place)) = own.or_else(|| ids.get(&main).filter(|_| !is_in_main)) {
                let path = routing.path(&["bgp"]);
                self.site.draft.set(&path, "router-id", id.as_str(), *place);
            }
        }
        if let Some((id, place)) = ids.get(&main) {
            let table = match is_in_main {
                true => "bgp",
                // Who has it already needs no other protocol for it.
                false if !vrfs.is_empty() && !self.speaks_ospf => return,
                false => "ospf",
            };
            self.site.draft.set(&[table], "router-id", id.as_str(), *place);
        }
    }
}

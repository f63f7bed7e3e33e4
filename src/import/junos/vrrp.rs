//! VRRP of Junos: the groups below an address.

use super::Junos;
use super::statement::Statement;
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::site::Link;
use indexmap::IndexMap;

/// The groups, until all of their statements are read.
#[derive(Debug, Default)]
pub(super) struct Routers {
    /// By the path of the interface and the number.
    groups: IndexMap<(Vec<String>, String), Group>,
    /// Whether Junos speaks version 3.
    pub speaks_version_3: bool,
}

#[derive(Debug, Default)]
struct Group {
    addresses: Vec<String>,
    values: IndexMap<&'static str, Value>,
    first: Option<Place>,
    is_v4: bool,
}

impl Junos {
    /// `family inet address ADDRESS vrrp-group GROUP …`.
    pub(super) fn vrrp(&mut self, link: &Link, group: &str, what: &[&str], statement: &Statement) {
        let key = (link.path.clone(), group.to_owned());
        let group = self.routers.groups.entry(key).or_default();
        group.first.get_or_insert(statement.place);
        match *what {
            [] => {}
            [
                key @ ("virtual-address" | "virtual-inet6-address" | "virtual-link-local-address"),
                address,
            ] => {
                group.is_v4 |= key == "virtual-address";
                if !group.addresses.iter().any(|it| it == address) {
                    group.addresses.push(address.to_owned());
                }
            }
            ["priority", priority] => {
                group.values.insert("priority", Value::number(priority));
            }
            ["accept-data"] => {
                group.values.insert("accept", true.into());
            }
            ["no-preempt"] => {
                group.values.insert("preempt", false.into());
            }
            ["preempt"] | ["no-accept-data"] => {}
            ["advertise-interval", seconds] if seconds.parse::<u16>().is_ok_and(|it| it <= 40) => {
                let milliseconds = seconds.parse::<i64>().unwrap_or(1) * 1000;
                group.values.insert("interval", Value::Number(milliseconds));
            }
            ["fast-interval" | "inet6-advertise-interval", milliseconds] => {
                group.values.insert("interval", Value::number(milliseconds));
            }
            ["authentication-type" | "authentication-key", ..] => {
                let why = "VRRPv3 has no authentication".to_owned();
                self.leave(statement, Why::Because(why));
            }
            _ => self.leave(statement, Why::NotYet),
        }
    }

    pub(super) fn finish_vrrp(&mut self) {
        let routers = std::mem::take(&mut self.routers);
        let of_version_2 = routers
            .groups
            .values()
            .find(|group| group.is_v4 && !routers.speaks_version_3);
        if let Some(place) = of_version_2.and_then(|group| group.first) {
            let why = "Junos speaks VRRPv2 without 'protocols vrrp version-3'; this router speaks version 3, and so must the others of a group";
            self.site
                .draft
                .leave(place, "vrrp-group", Why::Because(why.to_owned()));
        }
        for ((path, id), group) in routers.groups {
            let Some(place) = group.first else { continue };
            let mut path: Vec<&str> = path.iter().map(String::as_str).collect();
            path.extend(["vrrp", &id]);
            let addresses = group.addresses.iter().map(Value::text).collect();
            self.site
                .draft
                .set(&path, "addresses", Value::List(addresses), place);
            for (key, value) in group.values {
                self.site.draft.set(&path, key, value, place);
            }
        }
    }
}

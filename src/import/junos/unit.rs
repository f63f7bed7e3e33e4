//! The units of interfaces of Junos.

use super::Junos;
use super::link::with_length;
use super::statement::Statement;
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::site::Link;

impl Junos {
    /// `interfaces NAME unit UNIT …`; without a link of its own, it is the only unit of its interface.
    pub(super) fn of_unit(&mut self, link: &Link, has_own_link: bool, what: &[&str], statement: &Statement) {
        let place = statement.place;
        match *what {
            []
            | ["vlan-id" | "vlan-tags", ..]
            | ["family", "inet" | "inet6"]
            // Frames of a VLAN are on a bridge without their tag.
            | ["encapsulation", "vlan-bridge"]
            | ["input-vlan-map", "pop"]
            | ["output-vlan-map", "push"] => {
                self.site.draft.table(&link.path(), place);
            }
            ["disable"] => self.site.draft.set(&link.path(), "enabled", false, place),
            ["family", of, "filter", side, name] => self.uses_filter(link, of, side, name, statement),
            ["filter", side, name] => self.uses_filter(link, "inet", side, name, statement),
            ["family", _, "policer", side, name] | ["policer", side, name] => {
                self.uses_policer(link, side, name, statement);
            }
            ["family", "inet" | "inet6", "rpf-check", ref how @ ..]
                if matches!(how, [] | ["mode", "loose"]) =>
            {
                let mode = if how.is_empty() { "strict" } else { "loose" };
                self.site.draft.set(&link.path(), "urpf", mode, place);
            }
            ["description", text] => {
                // Of an interface and its only unit, the first description stays.
                let table = self.site.draft.table(&link.path(), place);
                if has_own_link || !table.has("description") {
                    self.site.draft.set(&link.path(), "description", text, place);
                } else {
                    let why = "the interface has a description already".to_owned();
                    self.leave(statement, Why::Because(why));
                }
            }
            [
                "family",
                "inet" | "inet6",
                "address",
                address,
                "vrrp-group" | "vrrp-inet6-group",
                group,
                ref what @ ..,
            ] => {
                self.unit_address(link, address, place);
                self.vrrp(link, group, what, statement);
            }
            [
                "family",
                "inet" | "inet6",
                "address",
                address,
                ref options @ ..,
            ] if options != ["eui-64"] => {
                self.unit_address(link, address, place);
                self.address_option(options, statement);
            }
            ["family", "inet" | "inet6", "mtu", mtu] => self.family_mtu(link, mtu, statement),
            _ => self.leave(statement, Why::NotYet),
        }
    }

    /// What is said of an address that is in the document by then.
    pub(super) fn address_option(&mut self, options: &[&str], statement: &Statement) {
        let why = match *options {
            [] => return,
            ["primary" | "preferred"] => {
                Why::Because("of the addresses of a link, the first is the one it speaks from".to_owned())
            }
            _ => Why::NotYet,
        };
        self.leave(statement, why);
    }

    /// One MTU for both families: the first of them.
    pub(super) fn family_mtu(&mut self, link: &Link, mtu: &str, statement: &Statement) {
        let value = Value::number(mtu);
        let table = self.site.draft.table(&link.path(), statement.place);
        match table.value("mtu") {
            Some(other) if *other != value => {
                let why = "both families have one MTU here, the one that is written first".to_owned();
                self.leave(statement, Why::Because(why));
            }
            _ => {
                let place = statement.place;
                self.site.draft.set(&link.path(), "mtu", value, place);
            }
        }
    }

    /// An address is named again with each thing that is said of it.
    pub(super) fn unit_address(&mut self, link: &Link, address: &str, place: Place) {
        let key = (link.name.clone(), address.to_owned());
        if self.units.seen.insert(key) {
            self.site.address(link, &with_length(address), place);
        }
    }
}
